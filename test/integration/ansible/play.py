#!/usr/bin/env python3
"""Runs playbooks with Ansible, each in a process of its own that need not load Ansible again.

Reads lines of JSON on stdin: {"directory": ..., "args": [...]}; answers each with a line: {"code": ..., "out": ...}.
"""
import json
import os
import sys
import tempfile

os.environ.update(
    ANSIBLE_CONFIG="/dev/null/ansible.cfg",
    ANSIBLE_NOCOLOR="1",
    ANSIBLE_RETRY_FILES_ENABLED="0",
    ANSIBLE_LOCALHOST_WARNING="0",
    COLUMNS="80",
)
sys.argv = ["ansible-playbook"]

from ansible.cli.playbook import PlaybookCLI  # noqa: E402
from ansible.errors import AnsibleError  # noqa: E402
import ansible.executor.playbook_executor  # noqa: E402, F401


def run(directory, args):
    with tempfile.TemporaryFile() as out:
        child = os.fork()
        if child == 0:
            code = 250
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(out.fileno(), 2)
                os.chdir(directory)
                cli = PlaybookCLI(["ansible-playbook", *args])
                cli.parse()
                code = cli.run()
            except AnsibleError as error:
                print(f"ERROR! {error}", flush=True)
                code = 4
            finally:
                sys.stdout.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        return {"code": os.waitstatus_to_exitcode(status), "out": out.read().decode()}


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps(run(case["directory"], case["args"])), flush=True)
