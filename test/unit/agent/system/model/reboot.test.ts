import { describe, expect, it } from "vitest";
import { createMemoryFabric } from "../../../../../agent/system/model/fabric/memory-fabric.ts";
import type { ModelSystem } from "../../../../../agent/system/model/model-system.ts";
import {
  build,
  connectTo,
  controllers,
  disks,
  errnoOf,
  exportBoth,
  ManualClock,
  never,
  nqnA,
  nvmetRoot,
  pair,
  targetNode,
  turns,
  watched,
} from "./lab.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = async (system: ModelSystem, disk: string, length: number) =>
  Buffer.from(await system.readBlocks(disk, 0, length)).toString();

/** Loads and mounts what a target needs, as at each boot. */
async function prepared(system: ModelSystem): Promise<ModelSystem> {
  await system.do({ op: "modprobe", name: "nvmet", parameters: {} }, never);
  await system.do({ op: "mountConfigfs" }, never);
  return system;
}

describe("a node that is booted again", () => {
  it("has its drives' content and the files on its disk, and nothing of the kernel's", async () => {
    const first = await targetNode();
    await exportBoth(first);
    await first.writeBlocks("nvme0n1", 0, bytes("kept"));
    first.mountDrive("nvme1n1", "/data");
    for (const path of ["/var/lib/flashfleet/spec", "/run/lock", "/tmp/scratch"]) {
      await first.do({ op: "replace", path, content: "x", mode: 0o600 }, never);
    }
    const bootId = await first.read("/proc/sys/kernel/random/boot_id");

    const second = await first.boot();
    expect(await textOf(second, "nvme0n1", 4)).toBe("kept");
    expect(await second.read("/var/lib/flashfleet/spec")).toBe("x");
    expect(await second.list("/run")).toEqual([]);
    expect(await second.list("/tmp")).toEqual([]);
    expect(await second.list("/sys/module")).not.toContain("nvmet");
    expect(await second.read("/proc/mounts")).not.toMatch(/configfs|nvme1n1/);
    expect(await second.read("/proc/net/tcp")).not.toContain("1144");
    expect(await second.read("/proc/sys/kernel/random/boot_id")).not.toBe(bootId);
    await prepared(second);
    expect(await second.list(`${nvmetRoot}/subsystems`)).toEqual([]);
    expect(await second.list(`${nvmetRoot}/ports`)).toEqual([]);
  });

  it("never answers whoever worked on it before", async () => {
    const clock = new ManualClock();
    const first = await targetNode({ clock, fabric: createMemoryFabric(clock) });
    const stop = new AbortController();
    const changes = first.changes(stop.signal)[Symbol.asyncIterator]();
    const seen = watched(changes.next());
    const dialling = watched(first.dial({ address: "10.0.0.99", port: 1 }, never));
    await first.powerOff();
    first.unplugDrive("nvme1n1");
    const asked = [
      watched(first.read("/etc/hostname")),
      watched(first.addresses()),
      watched(first.do({ op: "mkdir", path: `${nvmetRoot}/hosts/h` }, never)),
      watched(
        first
          .exec({ argv: ["true"] }, never)
          [Symbol.asyncIterator]()
          .next(),
      ),
      watched(first.dial({ address: "127.0.0.1", port: 1 }, never)),
    ];
    const second = await prepared(await first.boot());
    second.plugDrive({ serial: "C", model: "M", size: 1e9 });
    await clock.advance(200_000);
    expect([seen, dialling, ...asked].map(({ result }) => result)).toEqual(Array.from({ length: 7 }, () => "waits"));
    expect(await second.list(`${nvmetRoot}/hosts`)).toEqual([]);
  });

  it("never answers what it was doing when the power went", async () => {
    const { clock, fabric, target, initiator } = await pair();
    await exportBoth(target);
    await initiator.do(connectTo(nqnA), never);
    await turns();
    fabric.trouble({ between: [["10.0.0.1"], "all"], does: { is: "cut" } });
    const path = "/sys/class/nvme/nvme2/delete_controller";
    const deleting = watched(initiator.do({ op: "write", path, value: "1" }, never));
    await clock.advance(1_000);
    await initiator.powerOff();
    await clock.advance(100_000);
    expect(deleting.result).toBe("waits");
  });

  it("finds its drives in the order that is asked for, each with its content and in its slot", async () => {
    const first = await targetNode();
    await first.writeBlocks("nvme0n1", 0, bytes("A"));
    await first.writeBlocks("nvme1n1", 0, bytes("B"));
    const slot = await first.read("/sys/class/nvme/nvme0/address");
    const second = await first.boot({ driveOrder: ["target-B"] });
    expect(await second.read("/sys/class/nvme/nvme0/serial")).toMatch(/^target-B/);
    expect([await textOf(second, "nvme0n1", 1), await textOf(second, "nvme1n1", 1)]).toEqual(["B", "A"]);
    expect(await second.read("/sys/class/nvme/nvme1/address")).toBe(slot);
    const third = await second.boot();
    expect(await textOf(third, "nvme0n1", 1)).toBe("B");
  });

  it("has the drives that were plugged and pulled meanwhile", async () => {
    const first = await targetNode();
    first.unplugDrive("nvme0n1");
    first.plugDrive({ serial: "NEW", model: "M", size: 1e9 });
    await first.powerOff();
    const second = await first.boot();
    expect((await second.read("/sys/class/nvme/nvme0/serial")).trim()).toBe("NEW");
    expect(await second.list("/sys/block")).toEqual(["nvme0n1", "nvme1n1"]);
  });

  it("has the addresses of its first boot, or those that are asked for", async () => {
    const first = await targetNode();
    await first.addAddress("10.0.9.9/24");
    const of = async (system: ModelSystem) => (await system.addresses()).map(({ address }) => address);
    expect(await of(await first.boot())).toEqual(["127.0.0.1", "::1", "10.0.0.1"]);
    const late = await (await first.boot()).boot({ addresses: [] });
    expect(await of(late)).toEqual(["127.0.0.1", "::1"]);
    await late.addAddress("10.0.0.1/24");
    expect(await of(late)).toEqual(["127.0.0.1", "::1", "10.0.0.1"]);
  });
});

describe("the peers of a node that loses power", () => {
  it("hear nothing: an initiator notices after its keep-alive, and reconnects to the next boot, to the same disk", async () => {
    const { clock, target, initiator } = await pair();
    await exportBoth(target);
    await initiator.do(connectTo(nqnA), never);
    await turns();
    await target.powerOff();
    const reading = watched(initiator.readBlocks("nvme2n1", 0, 4));
    await clock.advance(6_249);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
    await clock.advance(1);
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    await clock.advance(60_000);
    expect(await errnoOf(initiator.do(connectTo(nqnA), never))).toBe("EALREADY");

    const again = await prepared(await target.boot());
    await exportBoth(again);
    await clock.advance(5_000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
    expect([reading.result, await disks(initiator)]).toEqual(["ok", ["nvme2c2n1", "nvme2n1"]]);
    expect(clock.sleeping).toBe(0);
  });

  it("are reset by its next boot where they had not noticed", async () => {
    const { clock, target, initiator } = await pair();
    await exportBoth(target);
    await initiator.do(connectTo(nqnA), never);
    await turns();
    const again = await target.boot();
    await turns();
    expect(await controllers(initiator)).toEqual([`nvme2 connecting ${nqnA}`]);
    await exportBoth(await prepared(again));
    await clock.advance(2_000);
    expect(await controllers(initiator)).toEqual([`nvme2 live ${nqnA}`]);
  });

  it("and the target frees what an initiator without power had", async () => {
    const { clock, target, initiator } = await pair();
    await exportBoth(target);
    await initiator.do(connectTo(nqnA), never);
    await turns();
    await initiator.powerOff();
    expect(await target.read("/proc/net/tcp")).toMatch(/1144 \w+:8000 01/);
    await clock.advance(10_000);
    expect(await target.read("/proc/net/tcp")).not.toMatch(/1144 \w+:8000 01/);
    expect(clock.sleeping).toBe(0);
    const again = await initiator.boot();
    expect(await disks(again)).toEqual([]);
  });

  it("are refused at once by a node that was shut down, unlike one without power", async () => {
    const { clock, target, initiator } = await pair();
    await build(target, [["mkdir", "subsystems/a", "ok"]]);
    await target.stop();
    expect(await errnoOf(initiator.dial({ address: "10.0.0.1", port: 4420 }, never))).toBe("ECONNREFUSED");
    await target.powerOff();
    const dialling = watched(initiator.dial({ address: "10.0.0.1", port: 4420 }, never));
    await clock.advance(3_000);
    expect(dialling.result).toBe("EHOSTUNREACH");
  });
});
