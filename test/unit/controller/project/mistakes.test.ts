import { describe, expect, test } from "vitest";
import { moduleNames } from "../../../../controller/project/modules.ts";
import { mistakes, task } from "../../../support/mistakes.ts";

describe("YAML", () => {
  test.each([
    [
      "a tab",
      "- hosts: all\n\ttasks:\n",
      "p.yaml:2:1: cannot read p.yaml: a tab indents the line\n  hint: YAML takes spaces only",
    ],
    [
      "a key twice",
      "- hosts: all\n  hosts: b\n",
      "p.yaml:2:3: cannot read p.yaml: the key 'hosts' is there twice\n  hint: keep one of them",
    ],
    [
      "a template without quotes",
      "- hosts: {{ h }}\n",
      'p.yaml:1:10: cannot read p.yaml: a value that begins with {{ needs quotes\n  hint: write "{{ … }}"',
    ],
    [
      "a key out of its column",
      "- hosts: all\n   tasks: []\n",
      "p.yaml:1:10: cannot read p.yaml: a value cannot begin a mapping or a list here\n  hint: check the indentation, and put quotes around a value that has ': ' in it",
    ],
    [
      "an alias of nothing",
      "- hosts: *x\n",
      "p.yaml:1:10: cannot read p.yaml: the alias '*x' names no anchor before it",
    ],
    [
      "a vault",
      "- hosts: all\n  vars: {a: !vault x}\n",
      "p.yaml:2:20: cannot read p.yaml: a value behind '!vault' cannot be read: 'x' is no header of a vault that is known\n  hint: it begins with $ANSIBLE_VAULT;1.1;AES256 or $ANSIBLE_VAULT;1.2;AES256;LABEL",
    ],
    [
      "several documents",
      "- hosts: all\n---\n- hosts: b\n",
      "p.yaml:2:1: cannot read p.yaml: the file holds several documents\n  hint: make a file of each",
    ],
    ["nothing", "", "p.yaml:1:1: cannot read p.yaml: it is empty\n  hint: a playbook is a list of plays: - hosts: all"],
    [
      "a mapping",
      "hosts: all\n",
      "p.yaml:1:1: cannot read p.yaml: a playbook is a list of plays, got a mapping\n  hint: begin each play with a dash: - hosts: all",
    ],
    [
      "nesting without end",
      `- hosts: ${"[".repeat(3000)}`,
      expect.stringMatching(/^p\.yaml:1:\d+: cannot read p\.yaml: it is nested too deep$/),
    ],
  ])("%s", (_, text, told) => {
    expect(mistakes(text)[0]).toEqual(told);
  });

  test("aliases that multiply are refused", () => {
    const lines = Array.from(
      { length: 20 },
      (_, index) => `    v${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}]`,
    );
    const text = `- hosts: all\n  vars:\n    v0: &a0 [x]\n${lines.join("\n")}\n`;
    expect(mistakes(text)[0]).toMatch(
      /^p\.yaml:\d+:\d+: cannot read p\.yaml: its aliases stand for more than 50000 parts/,
    );
  });
});

describe("plays", () => {
  test.each([
    ["no hosts", "- tasks: []\n", "p.yaml:1:3: cannot read the play: it has no hosts\n  hint: hosts: all"],
    [
      "a misspelt keyword",
      "- name: A\n  hosts: all\n  gather_fact: no\n",
      "p.yaml:3:3: cannot read play 'A': there is no keyword 'gather_fact'\n  hint: did you mean 'gather_facts'?",
    ],
    [
      "a role that is not there",
      "- hosts: all\n  roles: [x]\n",
      "p.yaml:2:11: cannot read the play: there is no role 'x'\n  hint: looked in roles, .",
    ],
    [
      "a handler that is not there",
      "- hosts: all\n  tasks: [{debug: {msg: a}, notify: restrat}]\n  handlers: [{name: restart, debug: {msg: b}}]\n",
      "p.yaml:2:11: cannot read the play: 'restrat' is notified, and no handler has that name or topic\n  hint: did you mean 'restart'?",
    ],
    [
      "a strategy of a plugin",
      "- hosts: all\n  strategy: host_pinned\n",
      "p.yaml:2:13: cannot read the play: 'strategy' must be linear or free, got 'host_pinned'",
    ],
    [
      "a serial of nothing",
      "- hosts: all\n  serial: some\n",
      "p.yaml:2:11: cannot read the play: serial is a number of hosts, a percentage as in 25%, or a list of them, got the text 'some'",
    ],
    [
      "too many per cent",
      "- hosts: all\n  max_fail_percentage: 130\n",
      "p.yaml:2:24: cannot read the play: 'max_fail_percentage' must be a number from 0 to 100, got 130",
    ],
    [
      "facts gathered perhaps",
      "- hosts: all\n  gather_facts: perhaps\n",
      "p.yaml:2:17: cannot read the play: 'gather_facts' must be true or false, got the text 'perhaps'",
    ],
    [
      "a variable with a dash",
      "- hosts: all\n  vars: {a-b: 1}\n",
      "p.yaml:2:10: cannot read the play: 'a-b' is no name for a variable\n  hint: a name has letters, digits and _, and does not begin with a digit",
    ],
    [
      "tasks that are no list",
      "- hosts: all\n  tasks: {debug: x}\n",
      "p.yaml:2:10: cannot read the play: 'tasks' must be a list of tasks, got a mapping\n  hint: each task begins with a dash",
    ],
  ])("%s", (_, text, told) => {
    expect(mistakes(text)).toEqual([told]);
  });
});

describe("tasks", () => {
  test.each([
    [
      "a misspelt module",
      ["- nvmet_subsytem:", "    nqn: a"],
      "p.yaml:3:7: cannot read the task: 'nvmet_subsytem' is neither a module nor a keyword\n  hint: did you mean 'nvmet_subsystem'?",
    ],
    [
      "a misspelt keyword",
      ["- debug: {msg: a}", "  registre: x"],
      "p.yaml:4:7: cannot read the task: 'registre' is no keyword of a task\n  hint: did you mean 'register'?",
    ],
    [
      "an argument beside its module",
      ["- name: T", "  nvme_host_identity:", "  hostnqn: a"],
      "p.yaml:5:7: cannot read task 'T': 'hostnqn' is no keyword of a task\n  hint: arguments of nvme_host_identity stand below it, further to the right",
    ],
    [
      "no module",
      ["- name: T"],
      `p.yaml:3:7: cannot read task 'T': it names no module\n  hint: the modules are ${moduleNames.join(", ")}`,
    ],
    [
      "two modules",
      ["- debug: {msg: a}", "  command: uptime"],
      "p.yaml:4:7: cannot read the task: it names two modules, 'debug' and 'command'\n  hint: make a task of each",
    ],
    [
      "a block of no list",
      ["- block: {debug: {msg: a}}"],
      "p.yaml:3:14: cannot read the block: 'block' must be a list of tasks, got a mapping\n  hint: each task begins with a dash",
    ],
    [
      "a file of tasks that is not there",
      ["- include_tasks: q.yaml"],
      "p.yaml:3:22: cannot read the task: there is no file 'q.yaml'\n  hint: did you mean 'p.yaml'?",
    ],
    [
      "an import whose name is a template",
      ["- name: A", '  import_tasks: "{{ x }}.yml"'],
      "p.yaml:4:21: cannot read task 'A': what is imported is read before any host is known, so its name can be no template\n  hint: use include_tasks",
    ],
    [
      "a meta that is none",
      ["- meta: flush"],
      "p.yaml:3:13: cannot read the task: there is no meta 'flush'\n  hint: known: flush_handlers, end_play, end_batch, end_host, clear_facts, clear_host_errors, reset_connection, noop",
    ],
    [
      "two loops",
      ["- debug: {msg: a}", "  loop: [1]", "  with_items: [1]"],
      "p.yaml:5:7: cannot read the task: 'loop' and 'with_items' are two loops",
    ],
    [
      "a loop of chance",
      ["- debug: {msg: a}", "  with_random_choice: [1]"],
      "p.yaml:4:7: cannot read the task: 'with_random_choice': the lookup 'random_choice' reads what may be different tomorrow\n  hint: choose by a value that stays: list[index % (list | length)]",
    ],
    [
      "a module of Ansible's that is not here",
      ["- get_url: { url: http://x, dest: /y }"],
      "p.yaml:3:7: cannot read the task: there is no module 'get_url' here\n  hint: let the node fetch it: command: curl -fsSLo /path URL, with creates: /path",
    ],
    [
      "a module of a collection",
      ["- community.general.lvol: { vg: a }"],
      "p.yaml:3:7: cannot read the task: there is no module 'community.general.lvol' here\n  hint: there is no kind for it yet: use command with the program, and creates or a check before it",
    ],
    [
      "an older form with a module that is not here",
      ["- action: modprobe name=nvmet"],
      "p.yaml:3:15: cannot read the task: there is no module 'modprobe' here\n  hint: use kernel_module: { name: … }: it is loaded again after each boot",
    ],
    [
      "a task that would go on behind the run",
      ["- command: sleep 1000", "  async: 2000", "  poll: 0"],
      "p.yaml:5:7: cannot read the task: 'poll: 0' would leave the task running behind the run's end\n  hint: leave poll out: hosts work side by side all the same, with strategy: free none waits for another; what is to go on for good is a service: command: systemd-run --unit=NAME PROGRAM",
    ],
    [
      "a debugger",
      ["- debug: {msg: a}", "  debugger: on_failed"],
      "p.yaml:4:7: cannot read the task: 'debugger' is not supported yet\n  hint: use the debug module: nobody sits at the controller",
    ],
    [
      "an environment that is no mapping",
      ["- command: id", "  environment: PATH=/bin"],
      "p.yaml:4:20: cannot read the task: 'environment' must be a mapping of names and values, got the text 'PATH=/bin'\n  hint: environment: { NAME: value }",
    ],
    [
      "defaults of a group of modules",
      ["- debug: {msg: a}", "  module_defaults: { group/aws: {} }"],
      "p.yaml:4:26: cannot read the task: 'group/aws' is a group of modules, and groups are not supported\n  hint: name each module by itself",
    ],
    [
      "a default that its module does not take",
      ["- debug: {msg: a}", "  module_defaults: { command: { creats: /x } }"],
      "p.yaml:4:35: cannot read the task: command: there is no argument 'creats'\n  hint: did you mean 'creates'?",
    ],
    [
      "a meta of another day",
      ["- meta: refresh_inventory"],
      "p.yaml:3:13: cannot read the task: there is no meta 'refresh_inventory'\n  hint: a run has the inventory that it began with: start another run behind it",
    ],
    [
      "a template that cannot be read",
      ["- debug:", "    msg: 'x {{ a | uper }}'"],
      "p.yaml:4:24: cannot read the template x {{ a | uper }}: there is no filter 'uper'\n  hint: did you mean 'upper'?",
    ],
    [
      "a template in a block of text",
      ["- debug:", "    msg: |", "      one", "      two {{ 1 + }}"],
      "p.yaml:6:22: cannot read the template two {{ 1 + }}: expected a value, got the end",
    ],
    [
      "a condition that cannot be read",
      ["- debug: {msg: a}", "  when:", "    - a is definde"],
      "p.yaml:5:16: cannot read the template a is definde: there is no test 'definde'\n  hint: did you mean 'defined'?",
    ],
    [
      "a condition with one equals sign",
      ["- debug: {msg: a}", "  when: a = 1"],
      "p.yaml:4:15: cannot read the template a = 1: expected an operator or the end, got '='\n  hint: a comparison is written '=='",
    ],
    [
      "a loop over a name",
      ["- debug: {msg: a}", "  loop: drives"],
      "p.yaml:4:13: cannot read the task: 'loop' must be a list, or a template that gives one, got the text 'drives'\n  hint: a variable is written \"{{ name }}\", a mapping \"{{ name | dict2items }}\"",
    ],
    [
      "a result with a bad name",
      ["- debug: {msg: a}", "  register: a.b"],
      "p.yaml:4:17: cannot read the task: 'a.b' is no name for a variable\n  hint: a name has letters, digits and _, and does not begin with a digit",
    ],
    [
      "a timeout in words",
      ["- debug: {msg: a}", "  timeout: soon"],
      "p.yaml:4:16: cannot read the task: 'timeout' must be a number from 0 on, got the text 'soon'",
    ],
    [
      "an assertion that cannot be read",
      ["- assert:", "    that:", "      - a ==", "      - true"],
      "p.yaml:5:17: cannot read the template a ==: expected a value, got the end",
    ],
  ])("%s", (_, lines, told) => {
    expect(task(...lines)).toEqual([told]);
  });
});

test("all mistakes of playbooks, inventories and extra variables are told at once", () => {
  const files = {
    "p.yaml":
      "- hosts: all\n  serail: 1\n  tasks:\n    - debgu: {}\n    - debug: {msg: '{{ a', vra: b}\n- name: B\n  tasks: []\n",
    "h.yaml": "all: {hosts: {h: {x: '{{ y'}}, hsots: {}}",
  };
  const told = mistakes("", {
    files,
    inventories: ["h.yaml"],
    playbooks: ["p.yaml", "q.yaml"],
    extraVars: { z: "{{ 1 +" },
    limit: "~(",
  });
  expect(told.map((each) => each.split("\n")[0])).toEqual([
    "-e z:1:3: cannot read the template {{ 1 +: the '{{' is never closed",
    "p.yaml:2:3: cannot read the play: there is no keyword 'serail'",
    "p.yaml:4:7: cannot read the task: 'debgu' is neither a module nor a keyword",
    "p.yaml:5:28: cannot read debug of the task: there is no argument 'vra'",
    "p.yaml:5:23: cannot read the template {{ a: the '{{' is never closed",
    "p.yaml:6:3: cannot read play 'B': it has no hosts",
    "cannot read the playbook 'q.yaml': there is no such file",
    "h.yaml:1:32: cannot read h.yaml: the group 'all' has no key 'hsots'",
    "h.yaml:1:25: cannot read the template {{ y: the '{{' is never closed",
    "cannot read the pattern '~(': the regular expression '(' is wrong at character 2: a '(' is never closed",
  ]);
});
