import { Errno } from "./errno.ts";
import type { PageStore } from "./page-store.ts";

/** A part of a drive that the kernel shows as a disk of its own. Bytes. */
export interface Partition {
  number: number;
  start: number;
  size: number;
}

const sector = 512;

/** Master boot record: four entries of 16 bytes, each with its type, first sector and count; 0x55aa at the end. */
const mbr = { entriesAt: 0x1be, entry: 16, entries: 4, magicAt: 0x1fe, magic: "55aa" } as const;
/** The type of the one entry that keeps old programs away from a GPT. */
const protective = 0xee;
/** UEFI 2.10, 5.3.2 and 5.3.3: the header lies in the second sector. */
const gpt = { magic: "EFI PART", entriesAt: 72, countAt: 80, sizeAt: 84, firstAt: 32, lastAt: 40, type: 16 } as const;

/** The partitions that a kernel finds on a drive. */
export function readPartitions(io: PageStore, bytes: number): Partition[] {
  if (bytes < 2 * sector) return [];
  const first = Buffer.from(io.read(0, sector));
  if (first.subarray(mbr.magicAt).toString("hex") !== mbr.magic) return [];
  const entries = Array.from({ length: mbr.entries }, (_, index) =>
    first.subarray(mbr.entriesAt + index * mbr.entry, mbr.entriesAt + (index + 1) * mbr.entry),
  );
  const found = entries.some((entry) => entry[4] === protective) ? readGpt(io) : entries.map(partitionOf);
  return found.flatMap((each, index) => {
    const isThere = each.size > 0 && each.start + each.size <= bytes;
    return isThere ? [{ number: index + 1, ...each }] : [];
  });
}

function partitionOf(entry: Buffer): { start: number; size: number } {
  return { start: entry.readUInt32LE(8) * sector, size: entry[4] === 0 ? 0 : entry.readUInt32LE(12) * sector };
}

function readGpt(io: PageStore): { start: number; size: number }[] {
  const header = Buffer.from(io.read(sector, sector));
  if (header.toString("latin1", 0, gpt.magic.length) !== gpt.magic) return [];
  const at = Number(header.readBigUInt64LE(gpt.entriesAt)) * sector;
  const size = header.readUInt32LE(gpt.sizeAt);
  return Array.from({ length: header.readUInt32LE(gpt.countAt) }, (_, index) => {
    const entry = Buffer.from(io.read(at + index * size, size));
    if (entry.subarray(0, gpt.type).every((byte) => byte === 0)) return { start: 0, size: 0 };
    const [first, last] = [entry.readBigUInt64LE(gpt.firstAt), entry.readBigUInt64LE(gpt.lastAt)].map(Number);
    return { start: (first ?? 0) * sector, size: ((last ?? 0) - (first ?? 0) + 1) * sector };
  });
}

/** nvme0n1p1 */
export function partitionName(disk: string, { number }: Partition): string {
  return `${disk}p${number}`;
}

/** The disk and the number of a partition; undefined for what is named otherwise. */
export function splitPartition(name: string): { disk: string; number: number } | undefined {
  const [, disk, number] = /^(nvme\d+n\d+)p(\d+)$/.exec(name) ?? [];
  return disk === undefined ? undefined : { disk, number: Number(number) };
}

/** The partition as a disk. Throws ENOENT. */
export function partitionBacking(
  { partitions, io, readOnly }: { partitions: readonly Partition[]; io: PageStore; readOnly: boolean },
  number: number,
) {
  const found = partitions.find((each) => each.number === number);
  if (found === undefined) throw new Errno("ENOENT");
  const { start, size } = found;
  return {
    io: {
      read: (offset: number, length: number) => io.read(start + offset, length),
      write: (offset: number, bytes: Uint8Array) => io.write(start + offset, bytes),
    },
    size: () => size,
    readOnly,
  };
}
