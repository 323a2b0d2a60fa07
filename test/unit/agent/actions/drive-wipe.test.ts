import { beforeEach, describe, expect, test } from "vitest";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { isJsonRecord, type JsonRecord } from "../../../../shared/protocol/json.ts";
import type { AgentNode } from "../../../support/agent-node.ts";
import { type Desk, deskOf } from "../../../support/desk.ts";
import { drivenNode, fastTime } from "../../../support/driven-node.ts";
import { gptOf, mbrOf, partition } from "../../../support/partition-tables.ts";

const device = "/dev/nvme0n1";
const byId = "/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_A";
const lvm = { at: 0x218, bytes: Buffer.from("LVM2 001") };

let node: AgentNode;
let desk: Desk;
beforeEach(() => {
  node = drivenNode(fastTime());
  desk = deskOf(node);
});

async function act(action: string, args: JsonRecord, run?: string) {
  const answer = await desk
    .give({ do: "action", action, arguments: args }, run === undefined ? {} : { run })
    .catch((error: unknown) => ({ outcome: "thrown", result: {}, error: Object(error) }));
  return { ...answer, result: isJsonRecord(answer.result) ? answer.result : {} };
}

const wipe = (args: JsonRecord = {}, run?: string) => act("drive_wipe", { device, ...args }, run);
const write = (bytes: Buffer, at = 0, name = "nvme0n1") => node.system.writeBlocks(name, at, bytes);
const text = async (at: number, length: number) =>
  Buffer.from(await node.system.readBlocks("nvme0n1", at, length)).toString();
const disks = () => node.system.list("/sys/class/block");

describe("drive_wipe", () => {
  test("removes what lies on a drive, under any of its names, and nothing the second time", async () => {
    await write(lvm.bytes, lvm.at);
    const wiped = await wipe({ device: byId });
    expect(wiped).toEqual({
      outcome: "changed",
      result: {
        device: byId,
        path: device,
        removed: ["LVM2_member"],
        serial: "A",
        model: "QEMU NVMe Ctrl",
        wwid: expect.stringMatching(/^nvme\.1b36-/),
        size: 1e9,
        discarded: false,
      },
    });
    expect(await text(lvm.at, 4)).toBe("\0\0\0\0");
    expect(await wipe()).toMatchObject({ outcome: "ok", result: { removed: [] } });
    expect(desk.effects()).toBe(1);
  });

  test.each([
    ["a master boot record", mbrOf([[2048, 4096]]), ["dos"]],
    ["a GPT", gptOf([[2048, 4096]]), ["gpt", "dos"]],
  ])("takes partitions away with %s, and what lies on them", async (_, table, types) => {
    await partition(node.system, "nvme0n1", table);
    await write(Buffer.from("XFSB"), 0, "nvme0n1p1");
    expect((await wipe()).result.removed).toEqual([...types, "xfs"]);
    expect(await disks()).toEqual(["nvme0n1", "nvme1n1"]);
    expect(await text(2048 * 512, 4)).toBe("\0\0\0\0");
  });

  test("makes the kernel forget partitions whose table somebody has removed already", async () => {
    await partition(node.system, "nvme0n1", mbrOf([[2048, 4096]]));
    await write(Buffer.alloc(512));
    expect(await disks()).toContain("nvme0n1p1");
    expect(await wipe()).toMatchObject({ outcome: "changed", result: { removed: [] } });
    expect(await disks()).toEqual(["nvme0n1", "nvme1n1"]);
  });

  test("discards all of it where that is asked for, each time", async () => {
    await write(Buffer.from("data"), 5_000_000);
    expect(await wipe({ discard: true })).toMatchObject({
      outcome: "changed",
      result: { removed: [], discarded: true },
    });
    expect(await text(5_000_000, 4)).toBe("\0\0\0\0");
    const queue = "/sys/class/block/nvme0n1/queue/discard_max_bytes";
    const { system } = node.shop;
    const { read } = system;
    system.read = (path) => (path === queue ? Promise.resolve("0\n") : read(path));
    await write(lvm.bytes, lvm.at);
    expect((await wipe({ discard: true })).error).toMatchObject({ code: "plan_refused" });
    expect(await text(lvm.at, 4)).toBe("LVM2");
  });

  test.each([
    ["mounted", () => node.system.mountDrive("nvme0n1", "/data"), "mounted at /data"],
    ["held", () => node.system.hold("nvme0n1", "dm-0"), "held by dm-0"],
    ["used for swap", () => node.system.swapOn("nvme0n1"), "used for swap"],
    ["open", () => node.system.openByProcess("nvme0n1", 7, "dd"), "open in process 7 (dd)"],
  ])("refuses a drive that is %s, unless it is named", async (_, use, says) => {
    await write(lvm.bytes, lvm.at);
    use();
    for (const override of [[], ["/dev/nvme1n1"], ["all"]]) {
      const { error } = await wipe({ override });
      expect(error).toMatchObject({ code: "device_in_use", hint: expect.stringContaining(`override: ["${device}"]`) });
      expect(error?.message).toBe(`cannot wipe ${device}: ${device} is in use: ${device} ${says}`);
    }
    expect(await text(lvm.at, 4)).toBe("LVM2");
    expect(await wipe({ override: [byId] })).toMatchObject({
      outcome: "changed",
      result: { removed: ["LVM2_member"] },
    });
  });

  test("refuses a drive with a partition in use, and one that is exported", async () => {
    await partition(node.system, "nvme0n1", mbrOf([[2048, 4096]]));
    node.system.mountDrive("nvme0n1p1", "/data");
    expect((await wipe()).error?.message).toContain("/dev/nvme0n1p1 mounted at /data");
    const namespaces = [{ nsid: 1, device: "/dev/nvme1n1" }];
    await node.converge([{ nvmet_subsystem: { nqn: "nqn.s", allow_any_host: true, namespaces } }]);
    const { error } = await wipe({ device: "/dev/nvme1n1" });
    expect(error?.message).toContain("exported as namespace 1 of subsystem nqn.s");
  });

  test("takes whole local drives alone", async () => {
    const timeline = fastTime();
    const fabric = createMemoryFabric(timeline.background);
    node = drivenNode(timeline, {
      fabric,
      files: { "/srv/image": { size: 1e6 } },
      drives: [
        { serial: "A", model: "M", size: 1e9 },
        { serial: "R", model: "M", size: 1e9, readOnly: true },
      ],
    });
    desk = deskOf(node);
    await partition(node.system, "nvme0n1", mbrOf([[2048, 4096]]));
    const namespaces = [{ nsid: 1, device: "/dev/nvme0n1p1" }];
    await node.converge([
      { nvmet_port: { id: 1, address: "10.0.0.1" } },
      { nvmet_subsystem: { nqn: "nqn.s", allow_any_host: true, namespaces, ports: [1] } },
      { nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.1" }] } },
    ]);
    const refusals = {
      "/dev/nvme2n1": ["bad_argument", "it is a volume of nqn.s, not a drive of this node"],
      "/dev/nvme0n1p1": ["bad_argument", "it is a partition of /dev/nvme0n1"],
      "/srv/image": ["bad_argument", "it is a file"],
      "/dev/nvme1n1": ["plan_refused", "it is read-only"],
      "/dev/nvme9n1": ["device_absent", "it is not there"],
    };
    for (const [path, [code, says]] of Object.entries(refusals)) {
      const { error } = await wipe({ device: path, override: [path] });
      expect(error).toMatchObject({ code, message: `cannot wipe ${path}: ${says}` });
    }
    expect((await wipe({ device: "/dev/null" })).error).toMatchObject({ code: "bad_argument" });
  });

  test("does not ask a drive whose controller is not live", async () => {
    const { system } = node.shop;
    const { read } = system;
    system.read = (path) => (path.endsWith("/nvme0/state") ? Promise.resolve("resetting\n") : read(path));
    expect((await wipe()).error).toMatchObject({ code: "plan_refused", message: expect.stringContaining("not live") });
  });

  test("ends once udev has noticed, and waits no longer than that", async () => {
    await write(lvm.bytes, lvm.at);
    const number = (await node.system.read("/sys/class/block/nvme0n1/dev")).trim();
    const record = { path: `/run/udev/data/b${number}`, mode: 0o644 };
    const { clock } = node.shop;
    await node.system.do({ op: "replace", ...record, content: "E:ID_FS_TYPE=LVM2_member\n" }, 1000);
    const noticed = clock.now() + 500;
    const { read } = node.shop.system;
    node.shop.system.read = async (path) => (path === record.path && clock.now() >= noticed ? "I:1\n" : read(path));
    expect(await wipe()).toMatchObject({ outcome: "changed" });
    expect(clock.now()).toBeGreaterThanOrEqual(noticed);
    expect(clock.now()).toBeLessThan(noticed + 200);
  });

  test("names the package of what is not there", async () => {
    desk = deskOf(drivenNode(fastTime(), { programsMissing: ["wipefs"] }));
    expect((await wipe()).error).toMatchObject({ code: "not_found", hint: expect.stringContaining("util-linux") });
  });
});

describe("drive_wipe in a check", () => {
  test("says what it would remove, and removes nothing; later tasks and facts of the check find it gone", async () => {
    await partition(node.system, "nvme0n1", gptOf([[2048, 4096]]));
    await write(Buffer.from("XFSB"), 0, "nvme0n1p1");
    expect(await wipe({}, "r1")).toMatchObject({ outcome: "changed", result: { removed: ["gpt", "dos", "xfs"] } });
    expect(await wipe({}, "r1")).toMatchObject({ outcome: "ok", result: { removed: [] } });
    expect((await act("setup", {}, "r1")).result).toMatchObject({ drives: [{ signature: "" }, { signature: "" }] });
    expect((await act("setup", {}, "r2")).result).toMatchObject({ drives: [{ signature: "gpt" }, { signature: "" }] });
    expect(await disks()).toContain("nvme0n1p1");
    expect(desk.effects()).toBe(0);
  });

  test("is refused for what the run would be refused for", async () => {
    node.system.mountDrive("nvme0n1", "/data");
    expect((await wipe({}, "r1")).error).toMatchObject({ code: "device_in_use" });
    expect((await wipe({ device: "/dev/nvme9n1" }, "r1")).error).toMatchObject({ code: "device_absent" });
  });
});
