import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import type { Stat } from "../system.ts";

const chunk = 16384;

/** A whole file. An attribute of sysfs or configfs is one read: it comes whole, and another read would be another question. */
export async function readText(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY);
  try {
    return await readAll(file, path.startsWith("/sys/"));
  } finally {
    await file.close();
  }
}

async function readAll(file: FileHandle, attribute: boolean): Promise<string> {
  const parts: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.allocUnsafe(chunk);
    const { bytesRead } = await file.read(buffer, 0, chunk, null);
    if (bytesRead > 0) parts.push(buffer.subarray(0, bytesRead));
    if (bytesRead === 0 || (attribute && bytesRead < chunk)) return Buffer.concat(parts).toString("utf8");
  }
}

export async function listNames(path: string): Promise<string[]> {
  return (await readdir(path)).sort();
}

export async function statPath(path: string): Promise<Stat> {
  const stats = await lstat(path);
  return { kind: kindOf(stats), size: stats.isFile() ? stats.size : 0 };
}

function kindOf(stats: Stats): Stat["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isBlockDevice()) return "block";
  if (stats.isCharacterDevice()) return "char";
  if (stats.isSymbolicLink()) return "link";
  return "other";
}

/** O_EXCL without O_CREAT claims a block device (block/fops.c): EBUSY where a mount or a holder has it. Nothing is read. */
export async function tryExclusive(path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_EXCL | constants.O_NONBLOCK);
  await file.close();
}
