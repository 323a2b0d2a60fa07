import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { restore } from "../../../../agent/restore.ts";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { type AgentNode, agentNode, agentOn } from "../../../support/agent-node.ts";
import type { Tasks } from "../../../support/wanted.ts";

const nqn = "nqn.s";
const file = "/srv/volume.img";
const gibibyte = 2 ** 30;

const exporting = (device: string): Tasks => [
  { nvmet_port: { id: 1, address: "10.0.0.1" } },
  { nvmet_subsystem: { nqn, allow_any_host: true, namespaces: [{ nsid: 1, device }], ports: [1] } },
];
const connecting: Tasks = [{ nvme_connection: { nqn, paths: [{ address: "10.0.0.1" }] } }];

let target: AgentNode;
let initiator: AgentNode;

function pair(options: { kernel?: string } = {}): void {
  const fabric = createMemoryFabric();
  const drives = [{ serial: "A", model: "M", size: gibibyte }];
  target = agentNode({ fabric, ...options, drives, files: { [file]: "" } });
  target.system.startProcess().truncate(file, gibibyte);
  initiator = agentNode({ fabric, hostname: "db01", addresses: ["10.0.0.2/24"], drives: [] });
}
beforeEach(() => pair());
afterEach(async () => {
  await initiator.system.stop();
  await target.system.stop();
});

const grow = {
  drive: (size: number) => target.system.resizeDrive("nvme0n1", size),
  file: (size: number) => target.system.startProcess().truncate(file, size),
};
const devices = { drive: "/dev/nvme0n1", file };

async function connected(device: string): Promise<void> {
  expect((await target.converge(exporting(device))).error).toBeUndefined();
  expect((await initiator.converge(connecting)).error).toBeUndefined();
}

/** Bytes of the initiator's only disk, once nothing is under way any more. */
async function imported(): Promise<number> {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  const [disk = ""] = (await initiator.system.list("/sys/class/block")).filter((name) => /^nvme\d+n\d+$/.test(name));
  return Number(await initiator.system.read(`/sys/class/block/${disk}/size`)) * 512;
}

describe.each(["drive", "file"] as const)("a %s that grows under its export", (kind) => {
  test("is seen to have grown by the initiator after the same task again, and then there is nothing left to do", async () => {
    await connected(devices[kind]);
    expect(await imported()).toBe(gibibyte);
    grow[kind](3 * gibibyte);
    const { outcome, steps } = await target.converge(exporting(devices[kind]));
    expect({ outcome, says: steps.map(({ says }) => says) }).toEqual({
      outcome: "changed",
      says: ["tell hosts of namespace 1 of nqn.s that it has grown to 3221225472 bytes (was 1073741824)"],
    });
    expect(await imported()).toBe(3 * gibibyte);
    expect((await target.converge(exporting(devices[kind]))).outcome).toBe("ok");
  });

  test("is seen to have grown when the agent looks after its node, without any task", async () => {
    await connected(devices[kind]);
    grow[kind](2 * gibibyte);
    expect(await restore(target.shop, target.store, systemClock)).toEqual({ changed: true, conditions: [] });
    expect(await imported()).toBe(2 * gibibyte);
    expect(await restore(target.shop, target.store, systemClock)).toEqual({ changed: false, conditions: [] });
  });

  test("comes back as it is now after a boot, and need not be told again", async () => {
    await connected(devices[kind]);
    grow[kind](2 * gibibyte);
    await target.system.powerOff();
    const system = await target.system.boot();
    target = agentOn(system, { store: target.store });
    expect(await restore(target.shop, target.store, systemClock)).toEqual({ changed: true, conditions: [] });
    expect(await restore(target.shop, target.store, systemClock)).toEqual({ changed: false, conditions: [] });
    expect(Object.values(target.store.pins.get()).map(({ size }) => size)).toContain(2 * gibibyte);
  });

  test("is refused where it has shrunk, until the namespace is declared anew", async () => {
    await connected(devices[kind]);
    grow[kind](gibibyte / 2);
    const { outcome, error } = await target.converge(exporting(devices[kind]));
    expect({ outcome, code: error?.code }).toEqual({ outcome: "refused", code: "device_changed" });
    expect(await imported()).toBe(gibibyte);
    const without = { nqn, namespaces: [{ nsid: 1, state: "absent" }] };
    await initiator.converge([{ nvme_connection: { nqn, state: "absent" } }]);
    expect((await target.converge([{ nvmet_subsystem: without }])).error).toBeUndefined();
    await connected(devices[kind]);
    expect(await imported()).toBe(gibibyte / 2);
  });
});

test("on a kernel without revalidate_size what has grown stays as it was told, and nothing fails", async () => {
  await initiator.system.stop();
  await target.system.stop();
  pair({ kernel: "5.4" });
  await connected("/dev/nvme0n1");
  grow.drive(2 * gibibyte);
  expect((await target.converge(exporting("/dev/nvme0n1"))).outcome).toBe("ok");
  expect(await imported()).toBe(gibibyte);
});
