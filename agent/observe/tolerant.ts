import { hasErrno, type System } from "../system/system.ts";
import type { Attributes } from "./observed.ts";

/** What the kernel answers for a thing that is not there, or went while it was read. */
const gone = ["ENOENT", "ESRCH", "ENODEV", "ENXIO", "ENOTDIR"] as const;
/** What it answers for a file that is there and cannot be read: write-only, a directory, without a value. */
const unreadable = ["EACCES", "EPERM", "EISDIR", "EINVAL", "EIO", "EOPNOTSUPP"] as const;

/** The value, or undefined where the thing is not there. */
export async function ifThere<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasErrno(error, ...gone)) return undefined;
    throw error;
  }
}

/** The value, or undefined where the thing is not there or is not for reading. */
export async function ifReadable<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    if (hasErrno(error, ...gone, ...unreadable)) return undefined;
    throw error;
  }
}

/** An attribute without its newline and trailing spaces; undefined where it cannot be read. */
export async function readAttribute(system: System, path: string): Promise<string | undefined> {
  return (await ifReadable(system.read(path)))?.trimEnd();
}

/** The names in a directory; none where it is not there. */
export async function listIfThere(system: System, path: string): Promise<string[]> {
  return (await ifThere(system.list(path))) ?? [];
}

/** The attributes with these names that can be read. */
export async function readAttributes(system: System, directory: string, names: readonly string[]): Promise<Attributes> {
  const values = await Promise.all(names.map((name) => readAttribute(system, `${directory}/${name}`)));
  const read: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = values[index];
    if (value !== undefined) read[name] = value;
  }
  return read;
}

/** Every item of a list that did not go while it was read. */
export async function eachThere<T, R>(items: readonly T[], read: (item: T) => Promise<R | undefined>): Promise<R[]> {
  const results = await Promise.all(items.map(read));
  return results.filter((result) => result !== undefined);
}
