import type { PageIo } from "../backing.ts";
import { Errno } from "../errno.ts";

/** What libblkid finds on a device. */
export interface Superblock {
  type: string;
  /** Of its magic. */
  offset: number;
  uuid: string | null;
  label: string | null;
}

/** How a file system is told from others, and where it keeps what it is. Offsets of libblkid/src/superblocks of util-linux. */
interface Layout {
  type: string;
  magic: { at: number; bytes: Buffer };
  /** 16 bytes. */
  uuid?: number;
  /** Bits that tell it from others with the same magic. */
  features?: { at: number; bit: number; isSet: boolean }[];
}

const ascii = (at: number, text: string) => ({ at, bytes: Buffer.from(text, "latin1") });
const hex = (at: number, digits: string) => ({ at, bytes: Buffer.from(digits, "hex") });

/** The magic of ext2 to ext4; which it is, features tell: has_journal (compatible) and extents (incompatible). */
const ext = { magic: hex(0x438, "53ef"), uuid: 0x468 };

const journal = (isSet: boolean) => ({ at: 0x45c, bit: 0x04, isSet });
const extents = (isSet: boolean) => ({ at: 0x460, bit: 0x40, isSet });

const layouts: readonly Layout[] = [
  { type: "ext4", ...ext, features: [journal(true), extents(true)] },
  { type: "ext3", ...ext, features: [journal(true), extents(false)] },
  { type: "ext2", ...ext, features: [journal(false), extents(false)] },
  { type: "xfs", magic: ascii(0, "XFSB"), uuid: 0x20 },
  { type: "btrfs", magic: ascii(0x10040, "_BHRfS_M"), uuid: 0x10020 },
  { type: "swap", magic: ascii(0xff6, "SWAPSPACE2"), uuid: 0x40c },
  { type: "LVM2_member", magic: ascii(0x218, "LVM2 001") },
  { type: "crypto_LUKS", magic: ascii(0, "LUKS\xba\xbe") },
  { type: "linux_raid_member", magic: hex(0x1000, "fc4e2ba9"), uuid: 0x1010 },
  { type: "gpt", magic: ascii(0x200, "EFI PART") },
  { type: "dos", magic: hex(0x1fe, "55aa") },
];

const uuidLength = 16;

/** In the order of libblkid; a device may hold remains of several. */
export async function readSuperblocks(io: PageIo, size: number): Promise<Superblock[]> {
  const found: Superblock[] = [];
  for (const layout of layouts) {
    if (!(await holds(io, size, layout.magic))) continue;
    const bits = await Promise.all((layout.features ?? []).map((each) => isAsTold(io, each)));
    if (bits.includes(false)) continue;
    const uuid = layout.uuid === undefined ? null : formatUuid(await io.read(layout.uuid, uuidLength));
    found.push({ type: layout.type, offset: layout.magic.at, uuid, label: null });
  }
  return found;
}

async function holds(io: PageIo, size: number, { at, bytes }: { at: number; bytes: Buffer }): Promise<boolean> {
  return at + bytes.length <= size && bytes.equals(await io.read(at, bytes.length));
}

type Feature = NonNullable<Layout["features"]>[number];

async function isAsTold(io: PageIo, { at, bit, isSet }: Feature): Promise<boolean> {
  const [byte = 0] = await io.read(at, 1);
  return ((byte & bit) !== 0) === isSet;
}

/** Writes what makes a device one of that type. Throws ENOSPC where it is too small. */
export async function writeSuperblock(io: PageIo, size: number, type: string, uuid?: string): Promise<void> {
  const layout = layouts.find((each) => each.type === type);
  if (layout === undefined) throw new Errno("EINVAL", `the model has no ${type}`);
  if (layout.magic.at + layout.magic.bytes.length > size) throw new Errno("ENOSPC");
  for (const { at, bit, isSet } of layout.features ?? []) {
    const [byte = 0] = await io.read(at, 1);
    await io.write(at, Uint8Array.of(isSet ? byte | bit : byte & ~bit));
  }
  await io.write(layout.magic.at, layout.magic.bytes);
  if (layout.uuid !== undefined && uuid !== undefined) {
    await io.write(layout.uuid, Buffer.from(uuid.replaceAll("-", ""), "hex"));
  }
}

/** `wipefs --all`: the magics alone. */
export async function wipeSuperblocks(io: PageIo, size: number): Promise<void> {
  for (const { type } of await readSuperblocks(io, size)) {
    const layout = layouts.find((each) => each.type === type);
    if (layout !== undefined) await io.write(layout.magic.at, new Uint8Array(layout.magic.bytes.length));
  }
}

function formatUuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
