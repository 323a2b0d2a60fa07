import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Fabric } from "../../../../../agent/system/model/fabric/fabric.ts";
import { createMemoryFabric } from "../../../../../agent/system/model/fabric/memory-fabric.ts";
import { createSocketFabric } from "../../../../../agent/system/model/fabric/socket-fabric.ts";
import type { ModelSystem } from "../../../../../agent/system/model/model-system.ts";
import { discover } from "../../../../../shared/nvme/discovery/client.ts";
import {
  build,
  connectTo,
  controllers,
  disks,
  errnoOf,
  exportSteps,
  hostA,
  hostidA,
  initiatorNode,
  ManualClock,
  never,
  nqnA,
  portSteps,
  run,
  targetNode,
  until,
  uuidA,
} from "./lab.ts";

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Two fabrics of one network, as two processes would have them. */
const networks: Record<string, () => Promise<[Fabric, Fabric]>> = {
  "in one process": async () => {
    const fabric = createMemoryFabric();
    return [fabric, fabric];
  },
  "over unix sockets": async () => {
    const directory = await mkdtemp(join(tmpdir(), "ff-"));
    cleanups.push(() => rm(directory, { recursive: true }));
    return [createSocketFabric(directory), createSocketFabric(directory)];
  },
};

function remember(system: ModelSystem): ModelSystem {
  cleanups.push(() => system.stop());
  return system;
}

describe.each(Object.entries(networks))("the walkthrough %s", (_, network) => {
  it("exports a drive, finds it, connects it, reads back what was written, and takes it down again", async () => {
    const [near, far] = await network();
    const clock = new ManualClock();
    const target = remember(await targetNode({ fabric: near, clock }));
    const initiator = remember(await initiatorNode({ fabric: far, clock }));

    await build(target, [
      ["mkdir", `hosts/${hostA}`, "ok"],
      ...exportSteps(nqnA, "/dev/nvme0n1", uuidA),
      ...portSteps(),
      ["link", `ports/1/subsystems/${nqnA}`, `subsystems/${nqnA}`, "ok"],
    ]);
    expect(await target.read("/proc/net/tcp")).toContain("0100000A:1144");

    const stream = await initiator.dial({ address: "10.0.0.1", port: 4420 }, never);
    const log = await discover(stream, { hostnqn: hostA, hostid: hostidA }, AbortSignal.timeout(5000));
    expect(log.records.map(({ subtype, nqn, address, serviceId }) => [subtype, nqn, address, serviceId])).toEqual([
      ["current discovery", "nqn.2014-08.org.nvmexpress.discovery", "10.0.0.1", "4420"],
      ["nvm", nqnA, "10.0.0.1", "4420"],
    ]);

    await initiator.do(connectTo(nqnA), never);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
    await until(async () => (await disks(initiator)).length > 0);
    expect(await disks(initiator)).toEqual(["nvme2c2n1", "nvme2n1"]);
    expect(await initiator.read("/sys/block/nvme2n1/uuid")).toBe(`${uuidA}\n`);
    expect(await initiator.read("/sys/block/nvme2n1/size")).toBe("3906250\n");
    expect(await initiator.realpath(`/dev/disk/by-id/nvme-uuid.${uuidA}`)).toBe("/dev/nvme2n1");

    const written = new TextEncoder().encode("data in a flash");
    await initiator.writeBlocks("nvme2n1", 4090, written);
    expect(await target.readBlocks("nvme0n1", 4090, written.length)).toEqual(written);
    expect(Buffer.from(await initiator.readBlocks("nvme2n1", 4090, written.length)).toString()).toBe("data in a flash");

    await initiator.do({ op: "write", path: "/sys/class/nvme/nvme2/delete_controller", value: "1" }, never);
    expect(await controllers(initiator)).toEqual([]);
    expect(await disks(initiator)).toEqual([]);

    await build(target, [
      ["unlink", `ports/1/subsystems/${nqnA}`, "ok"],
      ["unlink", `subsystems/${nqnA}/allowed_hosts/${hostA}`, "ok"],
      ["rmdir", `subsystems/${nqnA}/namespaces/1`, "ok"],
      ["rmdir", `subsystems/${nqnA}`, "ok"],
      ["rmdir", "ports/1", "ok"],
      ["rmdir", `hosts/${hostA}`, "ok"],
    ]);
    expect(await errnoOf(initiator.dial({ address: "10.0.0.1", port: 4420 }, never))).toBe("ECONNREFUSED");
    expect(clock.sleeping).toBe(0);
  });

  it("refuses a second listener on the same address of another node, and an initiator once the target is gone", async () => {
    const [near, far] = await network();
    const one = remember(await targetNode({ fabric: near }));
    const other = remember(await targetNode({ fabric: far }));
    for (const system of [one, other]) await build(system, [["mkdir", "subsystems/a", "ok"], ...portSteps()]);
    expect(await run(one, ["link", "ports/1/subsystems/a", "subsystems/a", "ok"])).toBe("ok");
    expect(await run(other, ["link", "ports/1/subsystems/a", "subsystems/a", "ok"])).toBe("EADDRINUSE");
    await one.stop();
    const initiator = remember(await initiatorNode({ fabric: far }));
    expect(await errnoOf(initiator.do(connectTo("a"), never))).toBe("ECONNREFUSED");
  });
});
