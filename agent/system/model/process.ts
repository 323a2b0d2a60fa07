import { Errno, ShortWrite } from "./errno.ts";
import type { Directory, Entry, File, Handle } from "./files/entry.ts";
import { PlainFile } from "./files/plain.ts";
import { walk, walkToParent } from "./files/walk.ts";
import type { Machine } from "./machine.ts";

/** How open(2) is asked. */
export interface OpenFlags {
  access: "read" | "write" | "both";
  create?: boolean;
  exclusive?: boolean;
  truncate?: boolean;
}

/** What stat(2) says. */
export interface FileStatus {
  /** Type and permissions: 0o100644. */
  mode: number;
  /** Bytes. */
  size: number;
}

interface OpenFile {
  handle: Handle;
  at: number;
}

const types = { file: 0o100000, directory: 0o40000, link: 0o120000, block: 0o60000, char: 0o20000 } as const;

/**
 * A process on a model machine, by its system calls: for what a {@link System} has no operation for, as file descriptors
 * that stay open, a working directory, and O_CREAT. Every call throws an {@link Errno}.
 */
export class Process {
  readonly #machine: Machine;
  readonly #files = new Map<number, OpenFile>();
  #directory = "/";
  #next = 3;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  chdir(path: string): void {
    this.#directoryAt(path);
    this.#directory = this.#absolute(path);
  }

  open(path: string, { access, create, exclusive, truncate }: OpenFlags): number {
    const entry = this.#openable(path, create === true, exclusive === true);
    if (entry.kind === "directory") throw new Errno("EISDIR");
    const file = entry.open?.() ?? entry;
    if (access !== "write" && file.read === undefined && entry.kind === "file") throw new Errno("EACCES");
    if (access !== "read" && file.write === undefined && entry.kind === "file") throw new Errno("EACCES");
    if (truncate && entry instanceof PlainFile) entry.write("");
    this.#files.set(this.#next, { handle: file, at: 0 });
    return this.#next++;
  }

  /** With `position` as pread(2), which leaves the offset alone. */
  read(descriptor: number, length: number, position?: number): Buffer {
    const file = this.#file(descriptor);
    if (file.handle.read === undefined) throw new Errno("EINVAL");
    const from = position ?? file.at;
    const bytes = Buffer.from(file.handle.read()).subarray(from, from + length);
    if (position === undefined) file.at += bytes.length;
    return bytes;
  }

  /** Bytes taken, which may be fewer than were given. */
  async write(descriptor: number, text: string): Promise<number> {
    const file = this.#file(descriptor);
    if (file.handle.write === undefined) throw new Errno("EINVAL");
    const taken = await taking(file.handle.write(text), Buffer.byteLength(text));
    file.at += taken;
    return taken;
  }

  close(descriptor: number): void {
    if (!this.#files.delete(descriptor)) throw new Errno("EBADF");
  }

  mkdir(path: string): void {
    const { parent, name } = this.#parentOf(path);
    if (parent.get(name) !== undefined) throw new Errno("EEXIST");
    if (parent.make === undefined) throw new Errno("EPERM");
    parent.make(name);
  }

  async rmdir(path: string): Promise<void> {
    const { parent, name } = this.#parentOf(path);
    const entry = parent.get(name);
    if (entry !== undefined && entry.kind !== "directory") throw new Errno("ENOTDIR");
    if (parent.remove === undefined) throw new Errno(entry === undefined ? "ENOENT" : "EPERM");
    await parent.remove(name);
  }

  async unlink(path: string): Promise<void> {
    const { parent, name } = this.#parentOf(path);
    const entry = parent.get(name);
    if (entry?.kind === "directory") throw new Errno("EISDIR");
    if (parent.unlink === undefined) throw new Errno(entry === undefined ? "ENOENT" : "EPERM");
    await parent.unlink(name);
  }

  /** `to` is kept as it is written; configfs resolves it at once, against the working directory. */
  async symlink(to: string, path: string): Promise<void> {
    const { parent, name } = this.#parentOf(path);
    if (parent.link === undefined) throw new Errno("EPERM");
    await parent.link(name, to, () => this.#walk(to, true).entry);
  }

  rename(from: string, to: string): void {
    const { parent, name } = this.#parentOf(from);
    const entry = parent.get(name);
    if (entry === undefined) throw new Errno("ENOENT");
    const target = this.#parentOf(to);
    if (parent.take === undefined || target.parent.put === undefined) throw new Errno("EPERM");
    parent.take(name);
    target.parent.put(target.name, entry);
  }

  readlink(path: string): string {
    const { entry } = this.#walk(path, false);
    if (entry.kind !== "link") throw new Errno("EINVAL");
    return entry.to;
  }

  realpath(path: string): string {
    return this.#walk(path, true).path;
  }

  /** Names, sorted. */
  readdir(path: string): string[] {
    return [...this.#directoryAt(path).list()].sort();
  }

  lstat(path: string): FileStatus {
    return statusOf(this.#walk(path, false).entry);
  }

  stat(path: string): FileStatus {
    return statusOf(this.#walk(path, true).entry);
  }

  /** Of a plain file, which is made where there is none. */
  truncate(path: string, size: number): void {
    const entry = this.#openable(path, true, false);
    if (!(entry instanceof PlainFile)) throw new Errno("EINVAL");
    entry.truncate(size);
  }

  #openable(path: string, create: boolean, exclusive: boolean): Exclude<Entry, { kind: "link" }> {
    try {
      const { entry } = this.#walk(path, true);
      if (entry.kind === "link") throw new Errno("ELOOP");
      if (create && exclusive) throw new Errno("EEXIST");
      return entry;
    } catch (error) {
      if (!create || !(error instanceof Errno) || error.code !== "ENOENT") throw error;
      return this.#create(path);
    }
  }

  #create(path: string): File {
    const { parent, name } = this.#parentOf(path);
    if (parent.create === undefined) throw new Errno("EACCES");
    return parent.create(name);
  }

  #directoryAt(path: string): Directory {
    const { entry } = this.#walk(path, true);
    if (entry.kind !== "directory") throw new Errno("ENOTDIR");
    return entry;
  }

  #absolute(path: string): string {
    return path.startsWith("/") ? path : `${this.#directory}/${path}`;
  }

  #walk(path: string, follow: boolean) {
    return walk(this.#machine.root, this.#absolute(path), follow);
  }

  #parentOf(path: string): { parent: Directory; name: string } {
    return walkToParent(this.#machine.root, this.#absolute(path));
  }

  #file(descriptor: number): OpenFile {
    const file = this.#files.get(descriptor);
    if (file === undefined) throw new Errno("EBADF");
    return file;
  }
}

function statusOf(entry: Entry): FileStatus {
  const type = types[entry.kind];
  if (entry.kind === "directory") return { mode: type | 0o755, size: 0 };
  if (entry.kind === "link") return { mode: type | 0o777, size: entry.to.length };
  if (entry.kind !== "file") return { mode: type | 0o660, size: 0 };
  const permissions = (entry.read === undefined ? 0 : 0o444) | (entry.write === undefined ? 0 : 0o200);
  return { mode: type | permissions, size: entry.size ?? 4096 };
}

async function taking(written: void | Promise<void>, given: number): Promise<number> {
  try {
    await written;
    return given;
  } catch (error) {
    if (error instanceof ShortWrite) return error.taken;
    throw error;
  }
}
