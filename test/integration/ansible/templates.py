"""What Ansible itself makes of templates: one as a line of JSON on stdin, {"value": …} or {"error": text} as one on stdout.

The first line is {"directory": where the templates' files lie, "variables": {…}}; each further one
{"template": text, "is": "file" or "argument", "settings": {…}}.
"""
import json
import os
import sys

os.environ["ANSIBLE_CONFIG"] = os.path.join(os.path.dirname(__file__), "no-such-ansible.cfg")
os.environ["ANSIBLE_JINJA2_EXTENSIONS"] = "jinja2.ext.do,jinja2.ext.loopcontrols"
os.environ["TZ"] = "UTC"

from ansible.parsing.dataloader import DataLoader
from ansible.template import AnsibleEnvironment, Templar
from ansible.utils.display import Display

Display.warning = lambda self, message, formatted=False: None
Display.deprecated = lambda self, *args, **kwargs: None

start = json.loads(sys.stdin.readline())
loader = DataLoader()
loader.set_basedir(start["directory"])
variables = {**start["variables"], "ansible_search_path": [start["directory"]], "playbook_dir": start["directory"]}


search = [os.path.join(start["directory"], "templates"), start["directory"]]


def as_file(case):
    """As the action `template` does it."""
    own = {"ansible_managed": "Ansible managed", "template_path": "x.j2", "template_destpath": "/x"}
    settings = {"trim_blocks": True, "lstrip_blocks": False, "newline_sequence": "\n", **case["settings"]}
    templar = Templar(loader=loader, variables=variables).copy_with_new_env(
        environment_class=AnsibleEnvironment, searchpath=search, available_variables={**variables, **own}, **settings
    )
    return templar.do_template(case["template"], preserve_trailing_newlines=True, escape_backslashes=False)


def as_argument(case):
    templar = Templar(loader=loader, variables=variables)
    # Ansible finds these beside the playbook only, flashfleet also in templates/.
    templar.environment.loader.searchpath = search
    return templar.template(case["template"], fail_on_undefined=True)


def answer(case):
    try:
        return {"value": (as_file if case["is"] == "file" else as_argument)(case)}
    except BaseException as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}


for line in sys.stdin:
    try:
        text = json.dumps(answer(json.loads(line)), default=str)
    except Exception as error:
        text = json.dumps({"error": "no data: %s" % error})
    print(text, flush=True)
