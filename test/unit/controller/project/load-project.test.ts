import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadProject } from "../../../../controller/project/load-project.ts";
import { patternOf } from "../../../../controller/project/play.ts";
import type { Item, Task } from "../../../../controller/project/playbook.ts";
import { batchSizes } from "../../../../controller/project/serial.ts";
import { compiledLayer, variableLayer } from "../../../../controller/template/compiled-value.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import type { Json } from "../../../../controller/template/value.ts";

const walkthrough = `---
# Data in a Flash, part III
- name: Export the drive
  hosts: targets
  become: yes
  vars:
    subsystem: nvmet-test
    device: /dev/nvme0n1
  tasks:
    - name: The modules of the target
      kernel_module:
        name: [nvmet, nvmet-tcp]
    - name: A port on TCP
      ansible.builtin.command: modprobe -n nvmet  chdir=/tmp
      changed_when: false
      check_mode: no
    - name: The port
      nvmet_port:
        id: 1
        address: "{{ facts.addresses[0] | default('10.0.0.1') }}"
        service_id: 4420
    - name: "The subsystem {{ subsystem }}"
      nvmet_subsystem:
        nqn: "{{ subsystem }}"
        allow_any_host: yes
        namespaces:
          - { nsid: 1, device: "{{ device }}", enabled: on }
        ports: [1]
      register: exported
    - debug: msg="{{ exported.listeners }} of {{ inventory_hostname }}"
      when:
        - exported is changed
        - not ansible_check_mode | default(false)

- name: Connect
  hosts: "{{ who | default('initiators') }}"
  serial: [1, 25%]
  max_fail_percentage: 30
  any_errors_fatal: no
  gather_facts: no
  pre_tasks:
    - kernel_module: name=nvme-tcp
  tasks:
    - nvme_discover:
        address: "{{ hostvars[item].address }}"
        nqn: nvmet-test
      loop: "{{ groups.targets }}"
      loop_control: { loop_var: item, label: "{{ item }}" }
      register: log
      until: log is succeeded
      retries: 5
      delay: 1
      tags: [discover, "never"]
    - nvme_connection:
        nqn: nvmet-test
        paths: [{ address: 10.0.0.1 }]
        ctrl_loss_tmo: -1
      args: { iopolicy: round-robin }
      timeout: 60
      no_log: true
      delegate_to: localhost
      run_once: yes
  post_tasks:
    - assert: { that: [log.results | length > 0, true], fail_msg: "nothing found" }
`;

function load(text: string) {
  const loaded = loadProject({ files: { "playbooks/p.yaml": text }, playbooks: ["playbooks/p.yaml"], inventories: [] });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors, undefined, 1));
  const [playbook] = loaded.project.playbooks;
  if (playbook === undefined) throw new Error("no playbook");
  return playbook;
}

/** The plain tasks of a list. */
function tasksOf(items: readonly Item[]): Task[] {
  return items.flatMap((item) => (item.is === "task" ? [item] : []));
}

describe("the walkthrough, as Ansible's users write it", () => {
  const [exports, connects] = load(walkthrough).plays;
  if (exports === undefined || connects === undefined) throw new Error("two plays are there");

  test("its tasks name their modules, arguments and places", () => {
    const scope = new Scope([variableLayer({ facts: { addresses: ["10.1.1.1"] } }), compiledLayer(exports.vars)]);
    expect(
      tasksOf(exports.tasks)
        .slice(0, 4)
        .map(({ module, place }) => [place, module.is, module.name, module.arguments.evaluate(scope)]),
    ).toEqual([
      ["playbooks/p.yaml:10:7", "kind", "kernel_module", { name: ["nvmet", "nvmet-tcp"] }],
      ["playbooks/p.yaml:13:7", "action", "command", { cmd: "modprobe -n nvmet", chdir: "/tmp" }],
      ["playbooks/p.yaml:17:7", "kind", "nvmet_port", { id: 1, address: "10.1.1.1", service_id: 4420 }],
      [
        "playbooks/p.yaml:22:7",
        "kind",
        "nvmet_subsystem",
        {
          nqn: "nvmet-test",
          allow_any_host: true,
          namespaces: [{ nsid: 1, device: "/dev/nvme0n1", enabled: true }],
          ports: [1],
        },
      ],
    ]);
    expect(tasksOf(exports.tasks)[3]?.name?.render(scope)).toBe("The subsystem nvmet-test");
    expect(tasksOf(exports.tasks)[3]?.register).toBe("exported");
  });

  test("conditions and messages are compiled", () => {
    const scope = new Scope([
      variableLayer({ exported: { changed: true, listeners: ["a"] }, inventory_hostname: "flash01" }),
    ]);
    const said = tasksOf(exports.tasks)[4];
    expect(said?.when.map((each) => each.holds(scope))).toEqual([true, true]);
    expect(said?.module.arguments.evaluate(scope)).toEqual({ msg: "['a'] of flash01" });
  });

  test("the keywords of plays and tasks are read", () => {
    const none = new Scope([]);
    expect([
      exports.gatherFacts.holds(none),
      connects.gatherFacts.holds(none),
      connects.maxFailPercentage,
      connects.serial?.evaluate(none),
    ]).toEqual([true, false, 30, [1, "25%"]]);
    expect([
      patternOf(exports, none),
      patternOf(connects, none),
      patternOf(connects, new Scope([variableLayer({ who: ["a", "b"] })])),
    ]).toEqual(["targets", "initiators", "a,b"]);
    const [discover, connect] = tasksOf(connects.tasks);
    expect([
      discover?.loopControl.variable,
      discover?.until?.length,
      discover?.retries.json,
      discover?.delay.json,
      discover?.tags,
    ]).toEqual(["item", 1, 5, 1, ["discover", "never"]]);
    expect([
      connect?.timeout?.json,
      connect?.noLog?.holds(none),
      connect?.runOnce?.holds(none),
      connect?.delegateTo?.render(none),
    ]).toEqual([60, true, true, "localhost"]);
    expect(connect?.module.arguments.evaluate(none)).toMatchObject({ iopolicy: "round-robin", ctrl_loss_tmo: -1 });
    expect([connects.preTasks.length, connects.postTasks.length]).toEqual([1, 1]);
  });
});

test("hosts may be a list, and anchors and merges are read", () => {
  const [play] = load(
    "- hosts: [a, 'b:&c']\n  vars:\n    base: &base {x: 1, y: 2}\n    more: {<<: *base, y: 3}\n",
  ).plays;
  expect(play === undefined ? undefined : patternOf(play, new Scope([]))).toBe("a,b:&c");
  expect(play?.vars.get("more")?.json).toEqual({ y: 3, x: 1 });
});

test("what YAML would lose as a number stays text", () => {
  const [play] = load(
    "- hosts: all\n  vars: {mode: 0644, serial: 1e3, time: 12:30, big: 123456789012345678901, hex: 0x1f, half: .5, version: 1.10}\n",
  ).plays;
  expect(Object.fromEntries([...(play?.vars ?? [])].map(([name, value]) => [name, value.json]))).toEqual({
    mode: "0644",
    serial: "1e3",
    time: "12:30",
    big: "123456789012345678901",
    hex: 31,
    half: 0.5,
    version: 1.1,
  });
});

describe("batches", () => {
  test.each<[Json, number, number[]]>([
    [2, 5, [2, 2, 1]],
    ["25%", 8, [2, 2, 2, 2]],
    ["10%", 3, [1, 1, 1]],
    [[1, "50%"], 8, [1, 4, 3]],
    [0, 3, [3]],
    ["3", 4, [3, 1]],
    [5, 0, []],
  ])("serial %j of %i hosts", (serial, hosts, sizes) => {
    expect(batchSizes(serial, hosts)).toEqual(sizes);
  });
});

test("no text makes the loader fail with anything but errors with a place", () => {
  const lines = fc.constantFrom(
    ...walkthrough.split("\n"),
    "- x",
    "  - : ",
    "    when: {{",
    "  &a *a",
    "\t",
    "? [a]",
    '"',
    "'",
    "{",
    "]",
    "|",
    "%YAML 9",
    "---",
    "<<: 1",
    "  hosts: !!set {}",
    "      loop: [*x]",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(lines, { maxLength: 25 }).map((each) => each.join("\n")),
      ),
      (text) => {
        const loaded = loadProject({
          files: { "p.yaml": text, "i.yaml": text, i: text },
          playbooks: ["p.yaml"],
          inventories: ["i.yaml", "i"],
        });
        if (!loaded.ok) for (const { place } of loaded.errors) expect(place).toMatch(/^(p\.yaml|i\.yaml|i):\d+:\d+$/);
      },
    ),
    { numRuns: 500 },
  );
});
