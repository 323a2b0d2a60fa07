import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { observe } from "../../../../../agent/observe/observe.ts";
import { deviceUse } from "../../../../../agent/observe/use.ts";
import { createMemoryFabric } from "../../../../../agent/system/model/fabric/memory-fabric.ts";
import { shadowOf } from "../../../../../agent/system/model/snapshot/shadow.ts";
import { captureNode } from "../../../../../agent/system/model/snapshot/snapshot.ts";
import { systemClock } from "../../../../../shared/clock.ts";
import { modelNode } from "../../../../support/agent-node.ts";
import { gptOf, mbrOf, partition } from "../../../../support/partition-tables.ts";

const parts = [
  [2048, 4096],
  [8192, 100],
] as const;

test.each([
  ["of a master boot record", mbrOf(parts)],
  ["of a GPT", gptOf(parts)],
])("partitions %s are disks in their disk, with their share of its content", async (_, table) => {
  const system = modelNode();
  await partition(system, "nvme0n1", table);
  const shown = (name: string, file: string) => system.read(`/sys/class/block/${name}/${file}`);
  expect(await system.list("/sys/class/block")).toEqual(["nvme0n1", "nvme0n1p1", "nvme0n1p2", "nvme1n1"]);
  expect(await system.realpath("/sys/class/block/nvme0n1p2")).toMatch(/\/nvme0\/nvme0n1\/nvme0n1p2$/);
  expect([await shown("nvme0n1p2", "start"), await shown("nvme0n1p2", "size")]).toEqual(["8192\n", "100\n"]);
  await system.writeBlocks("nvme0n1p1", 0, Buffer.from("XFSB"));
  expect(Buffer.from(await system.readBlocks("nvme0n1", 2048 * 512, 4)).toString()).toBe("XFSB");
  await expect(system.readBlocks("nvme0n1p2", 100 * 512 - 1, 2)).rejects.toMatchObject({ errno: "ENOSPC" });
  expect(await system.list("/dev/disk/by-id")).toContain("nvme-QEMU_NVMe_Ctrl_A-part1");
  expect((await observe(system, ["drives"])).drives.map(({ name }) => name)).toEqual(["nvme0n1", "nvme1n1"]);
});

test("a table that does not fit the drive, or is none, has no partitions", async () => {
  const system = modelNode();
  await partition(system, "nvme0n1", mbrOf([[2048, 0x7fffffff]]));
  await partition(system, "nvme1n1", Buffer.from(randomBytes(510)));
  expect(await system.list("/sys/class/block")).toEqual(["nvme0n1", "nvme1n1"]);
});

test("whoever uses a partition uses its disk, and the kernel keeps them until nobody does", async () => {
  const system = modelNode();
  await partition(system, "nvme0n1", mbrOf(parts));
  system.mountDrive("nvme0n1p1", "/data");
  expect((await deviceUse(system, "/dev/nvme0n1")).map(({ device, says }) => `${device} ${says}`)).toEqual([
    "/dev/nvme0n1p1 mounted at /data",
  ]);
  await expect(system.openExclusive("/dev/nvme0n1")).rejects.toMatchObject({ errno: "EBUSY" });
  await expect(system.openExclusive("/dev/nvme0n1p2")).resolves.toBeUndefined();
  await expect(partition(system, "nvme0n1", Buffer.alloc(512))).rejects.toThrow("cannot partition");
  system.unmountDrive("nvme0n1p1");
  await partition(system, "nvme0n1", Buffer.alloc(512));
  expect(await system.list("/sys/class/block")).toEqual(["nvme0n1", "nvme1n1"]);
});

test("they are there again after a boot, and on a shadow of the node", async () => {
  const first = modelNode();
  await partition(first, "nvme1n1", gptOf(parts));
  const system = await first.boot();
  expect(await system.list("/sys/class/block")).toContain("nvme1n1p2");
  const shadow = await shadowOf(await captureNode(system, systemClock), {
    clock: systemClock,
    random: (length) => new Uint8Array(length),
    fabric: createMemoryFabric(),
  });
  expect(await observe(shadow.system, ["drives"])).toEqual(await observe(system, ["drives"]));
  expect(await shadow.system.read("/sys/class/block/nvme1n1p2/size")).toBe("100\n");
});
