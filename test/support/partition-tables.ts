import type { ModelSystem } from "../../agent/system/model/model-system.ts";
import { systemClock } from "../../shared/clock.ts";

const sector = 512;

/** First sector and count of each partition. */
type Layout = readonly (readonly [first: number, count: number])[];

/** A master boot record. */
export function mbrOf(layout: Layout, type = 0x83): Buffer {
  const bytes = Buffer.alloc(sector);
  for (const [index, [first, count]] of layout.entries()) {
    const at = 0x1be + index * 16;
    bytes[at + 4] = type;
    bytes.writeUInt32LE(first, at + 8);
    bytes.writeUInt32LE(count, at + 12);
  }
  bytes.writeUInt16BE(0x55aa, 0x1fe);
  return bytes;
}

/** A GUID partition table behind its protective record, without the copy at the end of the drive. */
export function gptOf(layout: Layout): Buffer {
  const header = Buffer.alloc(sector);
  header.write("EFI PART");
  header.writeBigUInt64LE(2n, 72);
  header.writeUInt32LE(layout.length, 80);
  header.writeUInt32LE(128, 84);
  const entries = layout.map(([first, count]) => {
    const entry = Buffer.alloc(128, 0);
    entry.fill(0xab, 0, 32);
    entry.writeBigUInt64LE(BigInt(first), 32);
    entry.writeBigUInt64LE(BigInt(first + count - 1), 40);
    return entry;
  });
  return Buffer.concat([mbrOf([[1, 0xffff]], 0xee), header, ...entries]);
}

/** Writes a table to a drive and lets the kernel read it. */
export async function partition(system: ModelSystem, name: string, table: Buffer): Promise<void> {
  await system.writeBlocks(name, 0, table);
  const command = { argv: ["blockdev", "--rereadpt", `/dev/${name}`] } as const;
  for await (const output of system.exec(command, systemClock.now() + 1000)) {
    if (output.is === "exit" && output.code !== 0) throw new Error(`cannot partition ${name}`);
  }
}
