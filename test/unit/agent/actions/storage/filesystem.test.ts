import { beforeEach, describe, expect, test } from "vitest";
import { parseListed } from "../../../../../agent/observe/signatures.ts";
import { isJsonRecord, type JsonRecord } from "../../../../../shared/protocol/json.ts";
import type { AgentNode } from "../../../../support/agent-node.ts";
import { type Desk, deskOf } from "../../../../support/desk.ts";
import { drivenNode, fastTime } from "../../../../support/driven-node.ts";

const uuid = "01234567-89ab-cdef-0123-456789abcdef";
const dev = "/dev/nvme0n1";

let node: AgentNode;
let desk: Desk;
beforeEach(() => {
  node = drivenNode(fastTime());
  desk = deskOf(node);
});

async function act(args: JsonRecord, run?: string) {
  const body = { do: "action", action: "filesystem", arguments: args } as const;
  const answer = await desk.give(body, run === undefined ? {} : { run }).catch((error: unknown) => ({
    outcome: "thrown",
    result: {},
    error: Object(error),
  }));
  return { ...answer, result: isJsonRecord(answer.result) ? answer.result : {} };
}

const written = async (offset: number, length: number) =>
  Buffer.from(await node.system.readBlocks("nvme0n1", offset, length)).toString("latin1");

describe("filesystem", () => {
  test.each(["ext2", "ext3", "ext4", "xfs", "btrfs", "swap"])("makes %s once, and tells its uuid", async (fstype) => {
    const made = await act({ dev, fstype, opts: "-L data" });
    expect(made).toMatchObject({ outcome: "changed", result: { dev, device: dev, fstype, before: [] } });
    const again = await act({ device: dev, type: fstype });
    expect(again).toMatchObject({ outcome: "ok", result: { fstype, uuid: made.result.uuid } });
    expect(await act({ dev, fstype, force: true })).toMatchObject({
      outcome: "ok",
      result: { uuid: made.result.uuid },
    });
  });

  test("makes it with the uuid that is given, and changes the uuid of one that is there", async () => {
    expect(await act({ dev, fstype: "ext4", uuid })).toMatchObject({ outcome: "changed", result: { uuid } });
    expect(await act({ dev, fstype: "ext4", uuid })).toMatchObject({ outcome: "ok" });
    const other = uuid.replace("0", "f");
    expect(await act({ dev, fstype: "ext4", uuid: other })).toMatchObject({
      outcome: "changed",
      result: { uuid: other },
    });
    await act({ dev: "/dev/nvme1n1", fstype: "btrfs" });
    expect(await act({ dev: "/dev/nvme1n1", fstype: "btrfs", uuid })).toMatchObject({
      error: { code: "plan_refused" },
    });
  });

  test.each([
    ["another file system", 0, "XFSB", "xfs (uuid"],
    ["a part of LVM", 0x218, "LVM2 001", "LVM2_member"],
    ["a part of RAID", 0x1000, "\xfc\x4e\x2b\xa9", "linux_raid_member"],
    ["an encrypted volume", 0, "LUKS\xba\xbe", "crypto_LUKS"],
    ["a partition table", 0x200, "EFI PART", "gpt"],
  ])("refuses a device that holds %s, and takes it with force", async (_, at, magic, says) => {
    await node.system.writeBlocks("nvme0n1", at, Buffer.from(magic, "latin1"));
    const refused = await act({ dev, fstype: "ext4" });
    expect(refused.error).toMatchObject({ code: "plan_refused", hint: expect.stringContaining("force: true") });
    expect(refused.error?.message).toContain(`it holds ${says}`);
    expect(await written(at, magic.length)).toBe(magic);
    expect(await act({ dev, fstype: "ext4", force: true })).toMatchObject({
      outcome: "changed",
      result: { fstype: "ext4", before: [says.split(" ")[0]] },
    });
    expect(await written(at, magic.length)).not.toBe(magic);
  });

  test.each([
    ["mounted", () => node.system.mountDrive("nvme0n1", "/data"), "mounted at /data"],
    ["held", () => node.system.hold("nvme0n1", "dm-0"), "held by dm-0"],
    ["used for swap", () => node.system.swapOn("nvme0n1"), "used for swap"],
    ["open", () => node.system.openByProcess("nvme0n1", 7, "dd"), "open in process 7 (dd)"],
  ])("never touches a device that is %s, with force neither", async (_, use, says) => {
    await act({ dev, fstype: "xfs" });
    use();
    for (const args of [{ fstype: "ext4", force: true }, { state: "absent" }, { fstype: "xfs", uuid }]) {
      const { error } = await act({ dev, ...args });
      expect(error).toMatchObject({ code: "device_in_use", hint: expect.stringContaining("force is no help") });
      expect(error?.message).toContain(says);
    }
    expect(await written(0, 4)).toBe("XFSB");
  });

  test("never touches a device that is exported, and names a volume that others may have", async () => {
    await node.converge([
      { nvmet_port: { id: 1, address: "10.0.0.1" } },
      {
        nvmet_subsystem: {
          nqn: "nqn.s",
          allow_any_host: true,
          namespaces: [{ nsid: 1, device: dev }],
          ports: [1],
        },
      },
    ]);
    expect((await act({ dev, fstype: "ext4" })).error?.message).toContain("exported as namespace 1 of subsystem nqn.s");
    await node.converge([{ nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.1" }] } }]);
    const [volume] = (await node.system.list("/dev")).filter((name) => /^nvme[2-9]n1$/.test(name));
    expect(await act({ dev: `/dev/${volume}`, fstype: "xfs" })).toMatchObject({ outcome: "changed" });
    // What was written over the fabric lies on the drive.
    expect(await written(0, 4)).toBe("XFSB");
    const refused = await act({ dev: `/dev/${volume}`, fstype: "ext4" });
    expect(refused.error?.hint).toContain("a volume of nqn.s: other hosts that are connected may use it");
  });

  test("wipes what a device holds, and nothing of one that is blank or gone", async () => {
    await act({ dev, fstype: "ext4" });
    expect(await act({ dev, state: "absent" })).toMatchObject({
      outcome: "changed",
      result: { before: ["ext4"], fstype: null },
    });
    expect(await act({ dev, state: "absent" })).toMatchObject({ outcome: "ok" });
    expect(await act({ dev: "/dev/nvme9n1", state: "absent" })).toMatchObject({ outcome: "ok" });
    expect(await act({ dev: "/dev/nvme9n1", fstype: "ext4" })).toMatchObject({ error: { code: "device_absent" } });
  });

  test("grows to a device that has grown, also while it is mounted here", async () => {
    await act({ dev, fstype: "ext4" });
    expect(await act({ dev, fstype: "ext4", resizefs: true })).toMatchObject({ outcome: "ok" });
    node.system.resizeDrive("nvme0n1", 3e9);
    node.system.mountDrive("nvme0n1", "/data");
    expect(await act({ dev, fstype: "ext4", resizefs: true }, "r1")).toMatchObject({ outcome: "changed" });
    expect(await act({ dev, fstype: "ext4", resizefs: true })).toMatchObject({
      outcome: "changed",
      result: { size: 3e9, size_before: Math.floor(1e9 / 4096) * 4096 },
    });
    expect(await act({ dev, fstype: "ext4", resizefs: true })).toMatchObject({ outcome: "ok" });
  });

  test("names the package of a program that is not there", async () => {
    const bare = drivenNode(fastTime(), { programsMissing: ["mkfs.xfs", "wipefs"] });
    desk = deskOf(bare);
    expect((await act({ dev, fstype: "xfs" })).error).toMatchObject({
      code: "not_found",
      message: "cannot run wipefs: this node has no such program",
      hint: "install it: Debian's package is util-linux",
    });
    desk = deskOf(drivenNode(fastTime(), { programsMissing: ["mkfs.xfs"] }));
    for (const run of [undefined, "r1"]) {
      expect((await act({ dev, fstype: "xfs" }, run)).error).toMatchObject({
        code: "not_found",
        hint: "install it: Debian's package is xfsprogs",
      });
    }
  });
});

describe("filesystem in a check", () => {
  test("foretells, and changes nothing; later tasks of the check find what it would make", async () => {
    expect(await act({ dev, fstype: "ext4", uuid }, "r1")).toMatchObject({ outcome: "changed", result: { uuid } });
    expect(await act({ dev, fstype: "ext4", uuid }, "r1")).toMatchObject({ outcome: "ok" });
    expect(await act({ dev, fstype: "xfs" }, "r1")).toMatchObject({ error: { code: "plan_refused" } });
    expect(await act({ dev, state: "absent" }, "r1")).toMatchObject({ outcome: "changed" });
    expect(await act({ dev, fstype: "xfs" }, "r1")).toMatchObject({ outcome: "changed" });
    expect(desk.effects()).toBe(0);
    expect(await written(0, 4)).toBe("\0\0\0\0");
    expect(await act({ dev, fstype: "ext4" }, "r2")).toMatchObject({ outcome: "changed" });
  });

  test("is refused for what the run would be refused for", async () => {
    await act({ dev, fstype: "ext4" });
    expect(await act({ dev, fstype: "xfs" }, "r1")).toMatchObject({ error: { code: "plan_refused" } });
    node.system.mountDrive("nvme0n1", "/data");
    expect(await act({ dev, fstype: "xfs", force: true }, "r2")).toMatchObject({ error: { code: "device_in_use" } });
  });
});

describe("what wipefs prints", () => {
  test("is each type once, with its uuid; an empty text is nothing", () => {
    const two = [
      { device: "x", offset: "0x200", type: "gpt", uuid: null, label: null },
      { device: "x", offset: "0xff", type: "gpt", uuid: null, label: null },
      { device: "x", offset: "0x438", type: "ext4", uuid, label: "data" },
    ];
    expect(parseListed(JSON.stringify({ signatures: two }))).toEqual([
      { type: "gpt" },
      { type: "ext4", uuid, label: "data" },
    ]);
    expect(parseListed("")).toEqual([]);
    expect(parseListed("wipefs: error")).toBeUndefined();
    expect(parseListed("{}")).toBeUndefined();
  });
});
