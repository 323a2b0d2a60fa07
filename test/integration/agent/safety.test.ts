import { rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { ModelSystem } from "../../../agent/system/model/model-system.ts";
import { systemClock } from "../../../shared/clock.ts";
import { recapOf } from "../../support/cli.ts";
import { dhchapKey, locked, removal, startFleet, type TestFleet, walkthrough } from "../../support/fleet.ts";
import { renderTree } from "../../support/render-tree.ts";

const nvmet = "/sys/kernel/config/nvmet";

async function byHand(system: ModelSystem, ...ops: Parameters<ModelSystem["do"]>[0][]): Promise<void> {
  for (const op of ops) await system.do(op, systemClock.now() + 5000);
}

async function world({ nodes }: TestFleet): Promise<Record<string, string[]>> {
  const trees = Object.entries(nodes).map(async ([name, { system }]) => [name, await renderTree(system)] as const);
  return Object.fromEntries(await Promise.all(trees));
}

/** What of the kernel's has to be the same after a reboot: not the names that the kernel draws. */
async function identity({ nodes }: TestFleet): Promise<unknown> {
  const { target } = nodes;
  const tree = target === undefined ? [] : await renderTree(target.system);
  const kept = tree.filter((line) =>
    /device_uuid|device_path|attr_serial|enable =|allowed_hosts|ports\/1\/subsystems/.test(line),
  );
  const hosts = Object.values(nodes).map(({ system }) => system.read("/etc/nvme/hostnqn").catch(() => ""));
  return [kept, await Promise.all(hosts)];
}

describe("what flashfleet did not make", () => {
  test("is not removed: a subsystem made by hand is refused with not_ours, and stays", async () => {
    await using fleet = await startFleet();
    const { system } = fleet.node("target");
    await byHand(
      system,
      { op: "modprobe", name: "nvmet", parameters: {} },
      { op: "mountConfigfs" },
      { op: "mkdir", path: `${nvmet}/subsystems/nvmet-test` },
      { op: "mkdir", path: `${nvmet}/subsystems/nvmet-test/namespaces/1` },
    );
    const before = await world(fleet);
    for (const command of ["plan", "run"]) {
      const answer = await fleet.cli(command, removal);
      expect(answer.code, command).toBe(2);
      expect(answer.out).toMatch(/fatal: \[target\]: FAILED! => .*"code": "not_ours"/);
      expect(answer.out).toContain("hint: remove it with the tool that made it");
      expect(await world(fleet)).toEqual(before);
    }
  });

  test("inside what it made stays, and stops the removal before its first step", async () => {
    await using fleet = await startFleet();
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    const { system } = fleet.node("target");
    await byHand(
      system,
      { op: "mkdir", path: `${nvmet}/subsystems/nvmet-test/namespaces/7` },
      { op: "write", path: `${nvmet}/subsystems/nvmet-test/namespaces/7/device_path`, value: "/dev/nvme1n1" },
      { op: "write", path: `${nvmet}/subsystems/nvmet-test/namespaces/7/enable`, value: "1" },
    );
    const answer = await fleet.cli("run", removal);
    expect(answer.code).toBe(2);
    expect(answer.out).toContain("not_ours");
    const tree = (await renderTree(system)).join("\n");
    expect(tree).toContain("nvmet-test/namespaces/7/enable = 1");
    expect(tree).toContain("ports/1/subsystems/nvmet-test ->");
    expect(tree).toContain("nvmet-test/namespaces/1/enable = 1");
  });

  test("is not disconnected: a connection made by hand to another subsystem outlives the removal", async () => {
    await using fleet = await startFleet();
    expect((await fleet.cli("run", walkthrough)).code).toBe(0);
    const own = await fleet.file(
      "mine.yaml",
      "- hosts: targets\n  tasks:\n    - nvmet_subsystem: { nqn: mine, allow_any_host: true, namespaces: [{ nsid: 1, device: /dev/nvme1n1 }], ports: [1] }\n",
    );
    expect((await fleet.cli("run", own)).code).toBe(0);
    const { system } = fleet.node("initiator-1");
    const hostnqn = (await system.read("/etc/nvme/hostnqn")).trim();
    const hostid = (await system.read("/etc/nvme/hostid")).trim();
    await byHand(system, {
      op: "connect",
      options: { nqn: "mine", transport: "tcp", traddr: "192.168.1.92", trsvcid: "4420", hostnqn, hostid },
    });
    const gone = await fleet.file(
      "gone.yaml",
      "- hosts: initiators\n  tasks:\n    - nvme_connection: { nqn: mine, state: absent }\n",
    );
    const answer = await fleet.cli("run", gone, "-l", "initiator-1");
    expect(answer.out).toContain("not_ours");
    expect(answer.code).toBe(2);
    expect((await renderTree(system)).filter((line) => line.startsWith("/sys/class/nvme/"))).toHaveLength(2);
  });
});

test("agents that stop and start again change nothing", async () => {
  await using fleet = await startFleet();
  expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  const before = await world(fleet);
  for (const node of Object.values(fleet.nodes)) await node.stop();
  expect(await world(fleet)).toEqual(before);
  for (const node of Object.values(fleet.nodes)) await node.start();
  expect(await world(fleet)).toEqual(before);
  expect((await fleet.cli("health")).code).toBe(0);
});

test.each([
  ["open to any host", [walkthrough]],
  ["locked, with its keys", [locked, "-e", `dhchap_key=${dhchapKey}`]],
])(
  "after a power cut the nodes restore exports and connections from their disks, without a controller: %s",
  async (_, argv) => {
    await using fleet = await startFleet();
    expect((await fleet.cli("run", ...argv)).code).toBe(0);
    await fleet.node("target").system.writeBlocks("nvme0n1", 0, new TextEncoder().encode("kept"));
    const before = await identity(fleet);
    const files = await Promise.all(
      ["initiator-1", "initiator-2"].map(async (name) => {
        const { system } = fleet.node(name);
        return [name, await system.read("/etc/nvme/hostnqn"), await system.read("/etc/nvme/hostid")] as const;
      }),
    );
    await fleet.stopController();
    for (const node of Object.values(fleet.nodes)) await node.powerCut();
    // /etc is on the disk.
    for (const [name, hostnqn, hostid] of files) {
      await byHand(
        fleet.node(name).system,
        { op: "replace", path: "/etc/nvme/hostnqn", content: hostnqn, mode: 0o644 },
        { op: "replace", path: "/etc/nvme/hostid", content: hostid, mode: 0o644 },
      );
    }
    // The initiators are up first, and find nobody.
    for (const name of ["initiator-1", "initiator-2", "target"]) await fleet.node(name).boot();
    await expect.poll(() => identity(fleet), { timeout: 30_000 }).toEqual(before);
    for (const [name] of files) {
      await expect
        .poll(
          () =>
            fleet
              .node(name)
              .system.read("/sys/class/nvme/nvme0/state")
              .catch(() => ""),
          { timeout: 30_000 },
        )
        .toBe("live\n");
    }
    await fleet.startController();
    for (const node of Object.values(fleet.nodes)) await node.agent.welcomed;
    await expect.poll(async () => (await fleet.cli("health")).code, { timeout: 20_000 }).toBe(0);
    const again = await fleet.cli("run", ...argv);
    expect(recapOf(again.out)).toMatchObject({ target: { changed: 0 }, "initiator-1": { changed: 0 } });
  },
  120_000,
);

test("a node whose spec is newer than the controller's is imported, and edited from there on", async () => {
  await using fleet = await startFleet();
  expect((await fleet.cli("run", walkthrough)).code).toBe(0);
  const { generation } = fleet.node("target").store.spec.get();
  await fleet.stopController();
  // The controller's disk was restored from before: it knows nothing.
  await rm(`${fleet.data}/nats/jetstream`, { recursive: true });
  await fleet.startController();
  await expect.poll(async () => (await fleet.cli("nodes", "-o", "json")).lines(), { timeout: 20_000 }).toHaveLength(3);
  const again = await fleet.cli("run", walkthrough);
  expect(again.code, again.out).toBe(0);
  expect(recapOf(again.out)).toMatchObject({ target: { changed: 0 }, "initiator-1": { changed: 0 } });
  expect((await fleet.cli("run", removal)).code).toBe(0);
  expect(fleet.node("target").store.spec.get().generation).toBeGreaterThan(generation);
  expect(fleet.node("target").store.spec.get().entries).toEqual({});
});
