import { closeSync, constants, lstat, open, read, readdir, readlink, realpath, type Stats } from "node:fs";
import { open as openHandle } from "node:fs/promises";
import type { Stat } from "../system.ts";

/*
 * An observation reads dozens of attributes of a few bytes each. Callbacks cost half of what the promises of node:fs do, and
 * so they are used here.
 */

const chunk = 16384;
/** Buffers that are not in use: a new one for each attribute is most of the garbage that an agent makes. */
const spare: Buffer[] = [];
const mostSpare = 8;

/** A whole file. An attribute of sysfs or configfs is one read: it comes whole, and another read would be another question. */
export function readText(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    open(path, constants.O_RDONLY, (error, file) => {
      if (error !== null) return reject(error);
      readAll(file, path.startsWith("/sys/"), [], (failure, parts) => {
        release(file);
        if (failure === null) resolve(parts.length === 1 ? String(parts[0]) : Buffer.concat(parts).toString("utf8"));
        else reject(failure);
      });
    });
  });
}

/** Closing what was only read waits for nothing, and is not worth a turn of another thread. */
function release(file: number): void {
  try {
    closeSync(file);
  } catch {
    // Nothing was written: the descriptor is free, whatever close has to say.
  }
}

function readAll(
  file: number,
  attribute: boolean,
  parts: Buffer[],
  done: (error: Error | null, parts: Buffer[]) => void,
): void {
  const buffer = spare.pop() ?? Buffer.allocUnsafe(chunk);
  read(file, buffer, 0, chunk, null, (error, length) => {
    if (length > 0) parts.push(Buffer.from(buffer.subarray(0, length)));
    if (spare.length < mostSpare) spare.push(buffer);
    if (error !== null || length === 0 || (attribute && length < chunk)) done(error, parts);
    else readAll(file, attribute, parts, done);
  });
}

export async function listNames(path: string): Promise<string[]> {
  return (await called<string[]>((done) => readdir(path, done))).sort();
}

export function readTarget(path: string): Promise<string> {
  return called((done) => readlink(path, done));
}

export function resolvePath(path: string): Promise<string> {
  return called((done) => realpath.native(path, done));
}

export async function statPath(path: string): Promise<Stat> {
  const stats = await called<Stats>((done) => lstat(path, done));
  const { uid, gid } = stats;
  return { kind: kindOf(stats), size: stats.isFile() ? stats.size : 0, mode: stats.mode & 0o7777, uid, gid };
}

function called<T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null ? resolve(value) : reject(error)));
  });
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
  const file = await openHandle(path, constants.O_RDONLY | constants.O_EXCL | constants.O_NONBLOCK);
  await file.close();
}
