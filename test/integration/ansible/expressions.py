"""What Ansible itself makes of expressions: one as a line of JSON on stdin, {"value": …} or {"error": text} as one on stdout.

The first line is a JSON object of variables.
"""
import json
import os
import sys

os.environ["ANSIBLE_CONFIG"] = os.path.join(os.path.dirname(__file__), "no-such-ansible.cfg")
# A value keeps its type, as in flashfleet; without it Ansible makes text of numbers.
os.environ["ANSIBLE_JINJA2_NATIVE"] = "True"
os.environ["TZ"] = "UTC"

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.display import Display

Display.warning = lambda self, message, formatted=False: None
Display.deprecated = lambda self, *args, **kwargs: None


def plain(value):
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return [plain(item) for item in sorted(value, key=str)]
    if isinstance(value, (list, tuple)) or hasattr(value, "__iter__"):
        return [plain(item) for item in value]
    raise TypeError("a %s is no data" % type(value).__name__)


def answer(variables, expression):
    templar = Templar(loader=DataLoader(), variables=variables)
    try:
        # Within a list a text stays text: alone it would be read as a literal.
        return {"value": plain(templar.template("{{ [" + expression + "] }}", fail_on_undefined=True))[0]}
    except Exception as error:
        return {"error": str(error)}


variables = json.loads(sys.stdin.readline())
for line in sys.stdin:
    print(json.dumps(answer(variables, json.loads(line))), flush=True)
