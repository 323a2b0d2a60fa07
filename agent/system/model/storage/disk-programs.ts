import type { PageIo } from "../backing.ts";
import type { Drive } from "../drives.ts";
import { Errno } from "../errno.ts";
import type { Machine } from "../machine.ts";
import { partitionName } from "../partitions.ts";
import { randomUuid } from "../random.ts";
import {
  allDisks,
  diskNamed,
  explaining,
  openPath,
  type ProgramResult,
  type StorageProgram,
} from "./storage-program.ts";
import { readSuperblocks, wipeSuperblocks, writeSuperblock } from "./superblocks.ts";

/** Of ext file systems as the model makes them: s_blocks_count_lo, and s_log_block_size with its value for 4096 bytes. */
const extBlocks = { countAt: 0x404, sizeAt: 0x418, size: 4096, log: 2 };

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

async function readU32(io: PageIo, at: number): Promise<number> {
  return Buffer.from(await io.read(at, 4)).readUInt32LE();
}

/** Who writes a file system opens the device exclusively. Throws EBUSY. */
function assertFree(machine: Machine, path: string): void {
  const { entry } = machine.find(path);
  if (entry.kind === "block") machine.uses.assertExclusive(entry.name);
}

function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

const deviceOf = (args: readonly string[]) => args.at(-1) ?? "";

const wipefs: StorageProgram = (args, machine) =>
  explaining(`wipefs: error: ${deviceOf(args)}`, 1, async () => {
    const path = deviceOf(args);
    if (args.includes("--all")) {
      for (const each of args.filter((arg) => !arg.startsWith("-")))
        await wipe(machine, each, args.includes("--force"));
      return { code: 0 };
    }
    const disk = openPath(machine, path);
    const signatures = (await readSuperblocks(disk.io, disk.size())).map(({ offset, ...each }) => ({
      device: path.slice(path.lastIndexOf("/") + 1),
      offset: `0x${offset.toString(16)}`,
      ...each,
    }));
    return { stdout: `${JSON.stringify({ signatures }, undefined, 3)}\n`, code: 0 };
  });

async function wipe(machine: Machine, path: string, force: boolean): Promise<void> {
  const disk = openPath(machine, path);
  if (!force) assertFree(machine, path);
  if (disk.readOnly) throw new Errno("EROFS");
  const before = await readSuperblocks(disk.io, disk.size());
  await wipeSuperblocks(disk.io, disk.size());
  const drive = driveAt(machine, path);
  if (before.some(({ type }) => type === "gpt" || type === "dos") && !force) drive?.scanPartitions();
}

/** undefined for what is no whole local drive. */
function driveAt(machine: Machine, path: string): Drive | undefined {
  const name = diskNamed(machine, path);
  return [...machine.drives].find((drive) => drive.name === name);
}

/** Only BLKRRPART. */
const blockdev: StorageProgram = (args, machine) =>
  explaining("blockdev: ioctl error on BLKRRPART", 1, async () => {
    if (!args.includes("--rereadpt")) return { stderr: "blockdev: the model only knows --rereadpt\n", code: 1 };
    const drive = driveAt(machine, deviceOf(args));
    if (drive === undefined) throw new Errno("EINVAL");
    const parts = drive.partitions.map((each) => partitionName(drive.name, each));
    const isBusy = (name: string) => machine.uses.of(name).openers.length > 0;
    if (parts.some(isBusy)) throw new Errno("EBUSY");
    machine.uses.assertExclusive(drive.name);
    drive.scanPartitions();
    return { code: 0 };
  });

const blkdiscard: StorageProgram = (args, machine) =>
  explaining(`blkdiscard: ${deviceOf(args)}: BLKDISCARD ioctl failed`, 1, async () => {
    const path = deviceOf(args);
    if (!args.includes("--force")) assertFree(machine, path);
    const drive = driveAt(machine, path);
    if (drive === undefined) throw new Errno("EOPNOTSUPP");
    if (drive.readOnly) throw new Errno("EROFS");
    drive.io.clear();
    return { code: 0 };
  });

/** Only the search for a device by what lies on it, as mount does it. */
const blkid: StorageProgram = async (args, machine) => {
  const [, tag, value] = /^(\w+)=(.*)$/.exec(optionOf(args, "-t") ?? "") ?? [];
  for (const name of allDisks(machine)) {
    const disk = machine.openBlock(name);
    const found = await readSuperblocks(disk.io, disk.size());
    if (found.some(({ uuid, label }) => value === (tag === "UUID" ? uuid : tag === "LABEL" ? label : undefined)))
      return { stdout: `/dev/${name}\n`, code: 0 };
  }
  return { code: 2 };
};

function maker(program: string, type: string, uuidOption: "-U" | "-m"): StorageProgram {
  return (args, machine) =>
    explaining(`${program}: ${deviceOf(args)}`, 1, async () => {
      const path = deviceOf(args);
      assertFree(machine, path);
      const disk = openPath(machine, path);
      if (disk.readOnly) throw new Errno("EROFS");
      const uuid = optionOf(args, uuidOption)?.replace(/^uuid=/, "") ?? randomUuid(machine.random);
      await writeSuperblock(disk.io, disk.size(), type, uuid);
      if (type.startsWith("ext")) await setExtSize(disk.io, disk.size());
      return { code: 0 };
    });
}

async function setExtSize(io: PageIo, bytes: number): Promise<void> {
  await io.write(extBlocks.sizeAt, u32(extBlocks.log));
  await io.write(extBlocks.countAt, u32(Math.floor(bytes / extBlocks.size)));
}

function uuidChanger(program: string): StorageProgram {
  return (args, machine) =>
    explaining(`${program}: ${deviceOf(args)}`, 1, async () => {
      const disk = openPath(machine, deviceOf(args));
      const [found] = await readSuperblocks(disk.io, disk.size());
      if (found === undefined) return { stderr: `${program}: Bad magic number in super-block\n`, code: 1 };
      await writeSuperblock(disk.io, disk.size(), found.type, optionOf(args, "-U"));
      return { code: 0 };
    });
}

const dumpe2fs: StorageProgram = (args, machine) =>
  explaining("dumpe2fs", 1, async (): Promise<ProgramResult> => {
    const { io } = openPath(machine, deviceOf(args));
    const blocks = await readU32(io, extBlocks.countAt);
    const stdout = `Block count:              ${blocks}\nBlock size:               ${extBlocks.size}\n`;
    return { stdout, stderr: "dumpe2fs 1.47.0 (5-Feb-2023)\n", code: 0 };
  });

const resize2fs: StorageProgram = (args, machine) =>
  explaining("resize2fs", 1, async () => {
    const disk = openPath(machine, deviceOf(args));
    await setExtSize(disk.io, disk.size());
    return { code: 0 };
  });

/** Programs of util-linux, e2fsprogs, xfsprogs and btrfs-progs, as far as anything of the agent runs them. */
export const diskPrograms: Readonly<Record<string, StorageProgram>> = {
  blkdiscard,
  blkid,
  blockdev,
  dumpe2fs,
  "mkfs.btrfs": maker("mkfs.btrfs", "btrfs", "-U"),
  "mkfs.ext2": maker("mkfs.ext2", "ext2", "-U"),
  "mkfs.ext3": maker("mkfs.ext3", "ext3", "-U"),
  "mkfs.ext4": maker("mkfs.ext4", "ext4", "-U"),
  "mkfs.xfs": maker("mkfs.xfs", "xfs", "-m"),
  mkswap: maker("mkswap", "swap", "-U"),
  resize2fs,
  swaplabel: uuidChanger("swaplabel"),
  tune2fs: uuidChanger("tune2fs"),
  wipefs,
  xfs_admin: uuidChanger("xfs_admin"),
};
