import { describe, expect, test } from "vitest";
import { intercept } from "../../../agent/system/intercept.ts";
import type { ModelSystem } from "../../../agent/system/model/model-system.ts";
import type { Output, System } from "../../../agent/system/system.ts";
import { recapOf } from "../../support/cli.ts";
import { articleNodes, startFleet, type TestFleet, walkthrough } from "../../support/fleet.ts";

const bootIdOf = (fleet: TestFleet, name: string) => fleet.node(name).system.read("/proc/sys/kernel/random/boot_id");

/** Programs of a node that a test has an eye on. */
function watching(exec: (argv: readonly string[], go: () => AsyncIterable<Output>) => AsyncIterable<Output>) {
  return (system: ModelSystem): System =>
    intercept(system, { exec: (command, deadline) => exec(command.argv, () => system.exec(command, deadline)) });
}

const isReboot = ([program, verb]: readonly string[]) => program === "systemctl" && verb === "reboot";

async function* ending(code: number): AsyncIterable<Output> {
  yield { is: "exit", code, signal: null };
}

const play = (hosts: string, ...tasks: string[]) =>
  `- hosts: ${hosts}\n  gather_facts: false\n  serial: 1\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join("")}`;

describe("reboot", () => {
  test("boots a node anew, waits until it has restored what it had, and the fleet is healthy then", async () => {
    await using fleet = await startFleet();
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    const [before, target] = await Promise.all([bootIdOf(fleet, "initiator-1"), bootIdOf(fleet, "target")]);
    const path = await fleet.file(
      "reboot.yaml",
      play("initiators", "reboot: {}\n      register: done", "debug: { var: done }"),
    );
    const checked = await fleet.cli("run", "--check", path);
    expect(recapOf(checked.out)).toMatchObject({ "initiator-1": { changed: 1 }, "initiator-2": { changed: 1 } });
    expect(await bootIdOf(fleet, "initiator-1")).toBe(before);
    const answer = await fleet.cli("run", path);
    expect(answer.code, answer.out + answer.err).toBe(0);
    expect(recapOf(answer.out)).toMatchObject({ "initiator-1": { changed: 1 }, "initiator-2": { changed: 1 } });
    expect(answer.out).toMatch(/"rebooted": true/);
    expect(answer.out).toMatch(/"elapsed": \d+/);
    expect(await bootIdOf(fleet, "initiator-1")).not.toBe(before);
    expect(await bootIdOf(fleet, "target")).toBe(target);
    const health = await fleet.cli("health");
    expect(health.code, health.out).toBe(0);
    expect(recapOf((await fleet.cli("run", walkthrough)).out)).toMatchObject({
      target: { changed: 0 },
      "initiator-1": { changed: 0 },
    });
  }, 120_000);

  test("of a target whose hosts have no other path is refused, by name, unless the task consents", async () => {
    await using fleet = await startFleet();
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    const before = await bootIdOf(fleet, "target");
    for (const words of [["--check"], []]) {
      const refused = await fleet.cli("exec", "target", "reboot", ...words);
      expect(refused.code).toBe(2);
      expect(refused.out).toContain("192.168.1.101, 192.168.1.102 to 192.168.1.92:4420");
      expect(refused.out).toContain('say override: ["192.168.1.92:4420"] in the task');
    }
    expect(await bootIdOf(fleet, "target")).toBe(before);
    const path = await fleet.file("reboot.yaml", play("target", 'reboot: { override: ["192.168.1.92:4420"] }'));
    const answer = await fleet.cli("run", path);
    expect(answer.code, answer.out + answer.err).toBe(0);
    expect(await bootIdOf(fleet, "target")).not.toBe(before);
    await expect.poll(async () => (await fleet.cli("health")).code, { timeout: 60_000 }).toBe(0);
  }, 120_000);

  test("goes through targets one by one where each host has a path to another one", async () => {
    const drives = [{ serial: "D", model: "M", size: 1e9 }];
    await using fleet = await startFleet({
      nodes: {
        t1: { label: "targets", addresses: ["10.0.0.1/24"], drives },
        t2: { label: "targets", addresses: ["10.0.0.2/24"], drives },
        i1: { label: "initiators", addresses: ["10.0.0.9/24"] },
      },
    });
    const path = await fleet.file(
      "pair.yaml",
      `- hosts: targets
  tasks:
    - kernel_module: { name: nvmet-tcp }
    - nvmet_port: { id: 1, address: "{{ facts.address }}" }
    - nvmet_subsystem:
        nqn: nqn.pair
        allow_any_host: true
        serial: S
        cntlid_min: "{{ 1 if inventory_hostname == 't1' else 1000 }}"
        cntlid_max: "{{ 999 if inventory_hostname == 't1' else 1999 }}"
        namespaces: [{ nsid: 1, device: /dev/nvme0n1, uuid: 01234567-89ab-cdef-0123-456789abcdef }]
        ports: [1]
- hosts: initiators
  tasks:
    - nvme_connection: { nqn: nqn.pair, reconnect_delay: 1, paths: [{ address: 10.0.0.1 }, { address: 10.0.0.2 }] }
`,
    );
    const made = await fleet.cli("run", path);
    expect(made.code, made.out + made.err).toBe(0);
    const before = await Promise.all(["t1", "t2"].map((name) => bootIdOf(fleet, name)));
    const rolled = await fleet.cli("run", await fleet.file("rolling.yaml", play("targets", "reboot: {}")));
    expect(rolled.code, rolled.out + rolled.err).toBe(0);
    const after = await Promise.all(["t1", "t2"].map((name) => bootIdOf(fleet, name)));
    expect(after.filter((id, index) => id !== before[index])).toHaveLength(2);
    expect((await fleet.cli("health")).code).toBe(0);
    await fleet.node("i1").stop();
    await expect
      .poll(async () => (await fleet.cli("exec", "t1", "reboot")).code, { timeout: 60_000 })
      // Nobody vouches for a host that is not heard of.
      .toBe(2);
  }, 180_000);

  test("waits for test_command, and says so where it never succeeds", async () => {
    let tries = 0;
    const through = watching((argv, go) => (argv[0] === "/bin/sh" ? ending(++tries < 3 ? 1 : 0) : go()));
    await using fleet = await startFleet({ nodes: { n1: { through } } });
    const path = await fleet.file("test.yaml", play("n1", "reboot: { test_command: systemctl is-active x && true }"));
    const answer = await fleet.cli("run", path);
    expect(answer.code, answer.out + answer.err).toBe(0);
    expect(tries).toBe(3);
    tries = -1000;
    const failing = play("n1", "reboot: { test_command: x, reboot_timeout: 4 }");
    const failed = await fleet.cli("run", await fleet.file("never.yaml", failing));
    expect(failed.code).toBe(2);
    expect(failed.out).toContain("cannot wait longer for test_command on n1");
  }, 120_000);

  test("that is refused by every program says what each said; of a node that stays away, that it does", async () => {
    const broken = watching((argv, go) => (/systemctl|shutdown|reboot/.test(argv[0] ?? "") ? ending(1) : go()));
    let machine: ModelSystem | undefined;
    const dying = (system: ModelSystem) => {
      machine = system;
      return watching((argv, go) => {
        if (!isReboot(argv)) return go();
        void machine?.powerOff();
        return ending(0);
      })(system);
    };
    await using fleet = await startFleet({ nodes: { n1: { through: broken }, n2: { through: dying } } });
    const first = await fleet.cli("exec", "n1", "reboot");
    expect(first.code).toBe(2);
    expect(first.out).toContain("systemctl: it ended with exit code 1; shutdown: it ended with exit code 1");
    const second = await fleet.cli("exec", "n2", "reboot", "reboot_timeout=3");
    expect(second.code).toBe(2);
    expect(second.out).toContain("cannot see n2 again: it was told to reboot, and has not come back");
  }, 120_000);
});

describe("a run in the middle of a reboot", () => {
  /** A machine that goes down only when the test says so. */
  function patient() {
    let orders = 0;
    let reach = () => {};
    let open = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    async function* slow(go: () => AsyncIterable<Output>): AsyncIterable<Output> {
      orders++;
      reach();
      await opened;
      yield* go();
    }
    return {
      reached,
      open: () => open(),
      orders: () => orders,
      through: watching((argv, go) => (isReboot(argv) ? slow(go) : go())),
    };
  }
  const rebooting = play("target", "reboot: {}", "command: echo after");

  test.each([
    ["while the machine is still up", true],
    ["while nobody is there to see it boot", false],
  ])(
    "goes on when its controller is started again %s, and the node boots once",
    async (_, isUp) => {
      const machine = patient();
      await using fleet = await startFleet({
        nodes: { target: { ...articleNodes.target, through: machine.through } },
      });
      const before = await bootIdOf(fleet, "target");
      void fleet.cli("run", await fleet.file("reboot.yaml", rebooting));
      await machine.reached;
      const [run] = (await fleet.cli("runs", "-o", "json")).lines();
      await fleet.stopController();
      if (!isUp) {
        machine.open();
        await expect.poll(() => bootIdOf(fleet, "target"), { timeout: 20_000 }).not.toBe(before);
      }
      await fleet.startController();
      machine.open();
      const attached = await fleet.cli("attach", String(run?.run));
      expect(attached.code, attached.out + attached.err).toBe(0);
      expect(recapOf(attached.out)).toMatchObject({ target: { changed: 2, failed: 0 } });
      expect(await bootIdOf(fleet, "target")).not.toBe(before);
      expect(machine.orders()).toBe(1);
    },
    120_000,
  );

  test("orders it anew where the agent alone was started again before the machine went down", async () => {
    const machine = patient();
    await using fleet = await startFleet({
      nodes: { target: { ...articleNodes.target, through: machine.through } },
    });
    const running = fleet.cli("run", await fleet.file("reboot.yaml", rebooting));
    await machine.reached;
    const { agent, bus } = fleet.node("target");
    await bus.close();
    void agent.close();
    await fleet.node("target").start((system) => system);
    const answer = await running;
    expect(answer.code, answer.out + answer.err).toBe(0);
    expect(recapOf(answer.out)).toMatchObject({ target: { changed: 2 } });
  }, 120_000);
});
