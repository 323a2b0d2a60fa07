"""What Ansible itself makes of inventories and patterns: a case as a line of JSON on stdin, its answer as one on stdout.

A case is {"sources": [path or hosts], "patterns": [{"pattern": text, "limit": text or null}]}.
"""
import json
import os
import sys

os.environ["ANSIBLE_CONFIG"] = os.path.join(os.path.dirname(__file__), "no-such-ansible.cfg")
os.environ["ANSIBLE_LOCALHOST_WARNING"] = "0"

from ansible.inventory.manager import InventoryManager
from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.parsing.dataloader import DataLoader
from ansible.utils.display import Display
from ansible.vars.manager import VariableManager

INTERNAL = {
    "ansible_diff_mode", "ansible_config_file", "ansible_facts", "ansible_forks", "ansible_inventory_sources",
    "ansible_limit", "ansible_playbook_python", "ansible_run_tags", "ansible_skip_tags", "ansible_verbosity",
    "ansible_version", "inventory_dir", "inventory_file", "inventory_hostname", "inventory_hostname_short",
    "groups", "group_names", "omit", "playbook_dir", "ansible_check_mode", "vars", "hostvars", "ansible_play_hosts",
    "ansible_play_hosts_all", "ansible_play_batch", "ansible_role_names", "ansible_play_role_names",
    "ansible_dependent_role_names", "role_names", "play_hosts", "ansible_python_interpreter_fallback",
    "ansible_delegated_vars", "environment", "ansible_search_path",
}


def hosts_of(manager, pattern, limit):
    try:
        manager.subset(limit)
        return {"hosts": [host.name for host in manager.get_hosts(pattern)]}
    except Exception as error:
        return {"error": str(error)}


def answer(case):
    warnings = []
    Display.warning = lambda self, message, formatted=False: warnings.append(str(message))
    loader = DataLoader()
    manager = InventoryManager(loader=loader, sources=case["sources"])
    variables = VariableManager(loader=loader, inventory=manager)
    if any("Unable to parse" in each or "Failed to parse" in each for each in warnings):
        return {"error": "; ".join(warnings)}
    hosts = {}
    for name, host in manager.hosts.items():
        found = variables.get_vars(host=host, include_hostvars=False, stage="all")
        hosts[name] = {
            "groups": [group.name for group in sorted(host.get_groups(), key=lambda g: (g.depth, g.priority, g.name))],
            "short": found["inventory_hostname_short"],
            "variables": {key: value for key, value in found.items() if key not in INTERNAL},
        }
    groups = {
        name: {
            "children": [child.name for child in group.child_groups],
            "direct": [host.name for host in group.hosts],
            "hosts": [host.name for host in group.get_hosts()],
            "depth": group.depth,
        }
        for name, group in manager.groups.items()
    }
    patterns = []
    for each in case["patterns"]:
        del warnings[:]
        manager.clear_pattern_cache()
        manager.clear_caches()
        found = hosts_of(manager, each["pattern"], each["limit"])
        missed = [text.split("ignoring: ", 1)[1] for text in warnings if "Could not match supplied" in text]
        patterns.append({**found, "unmatched": missed})
    return {"hosts": hosts, "groups": groups, "patterns": patterns}


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:
        result = {"error": str(error)}
    print(json.dumps(result, cls=AnsibleJSONEncoder), flush=True)
