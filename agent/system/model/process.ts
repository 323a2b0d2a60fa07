import { Errno, ShortWrite } from "./errno.ts";
import { ownAccess } from "./files/access.ts";
import type { Caller, Directory, Entry, File, Handle } from "./files/entry.ts";
import { PlainFile } from "./files/plain.ts";
import { type FileStatus, statusOf } from "./files/status.ts";
import { type Found, walk, walkToParent } from "./files/walk.ts";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";

/** How open(2) is asked. */
export interface OpenFlags {
  access: "read" | "write" | "both";
  create?: boolean;
  exclusive?: boolean;
  truncate?: boolean;
}

interface OpenFile {
  handle: Handle;
  /** Character devices here (misc devices with a seq_file) do not count what is written. */
  countsWrites: boolean;
  at: number;
}

/**
 * A process on a model machine, by its system calls: for what a {@link System} has no operation for, as file descriptors
 * that stay open, a working directory, and O_CREAT. Every call throws an {@link Errno}.
 */
export class Process implements Caller {
  readonly #machine: Machine;
  readonly #files = new Map<number, OpenFile>();
  /** The root and the working directory, as paths of the machine. */
  #root = "";
  #directory = "/";
  #network: Network;
  #next = 3;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#network = machine.network;
  }

  get network(): Network {
    return this.#network;
  }

  /** A child, with the same root, working directory and network. Of this one's open files it has none. */
  fork(): Process {
    const child = new Process(this.#machine);
    child.#root = this.#root;
    child.#directory = this.#directory;
    child.#network = this.#network;
    return child;
  }

  /** unshare(CLONE_NEWNET): from now on in a network namespace of its own, with nothing but a loopback, which is up. */
  unshareNetwork(): void {
    this.#network = this.#machine.newNetwork();
  }

  /** The working directory stays where it is, which may be outside of the new root. */
  chroot(path: string): void {
    this.#directoryAt(path);
    this.#root = this.find(path).path.replace(/\/$/, "");
  }

  chdir(path: string): void {
    this.#directoryAt(path);
    this.#directory = this.find(path).path;
  }

  /** With the path as the machine has it. */
  find(path: string): Found {
    const { entry, path: within } = this.#walk(path, true);
    return { entry, path: this.#isInside(path) ? this.#root + within : within };
  }

  open(path: string, { access, create, exclusive, truncate }: OpenFlags): number {
    const entry = this.#openable(path, create === true, exclusive === true);
    if (entry.kind === "directory") throw new Errno("EISDIR");
    const file = entry.open?.() ?? entry;
    if (access !== "write" && file.read === undefined && entry.kind === "file") throw new Errno("EACCES");
    if (access !== "read" && file.write === undefined && entry.kind === "file") throw new Errno("EACCES");
    if (truncate && entry instanceof PlainFile) entry.write("");
    this.#files.set(this.#next, { handle: file, countsWrites: entry.kind !== "char", at: 0 });
    return this.#next++;
  }

  /** With `position` as pread(2), which leaves the offset alone. */
  async read(descriptor: number, length: number, position?: number): Promise<Uint8Array> {
    const file = this.#file(descriptor);
    const { handle } = file;
    const from = position ?? file.at;
    if (handle.read === undefined && handle.readAt === undefined) throw new Errno("EINVAL");
    const bytes =
      (await handle.readAt?.(from, length)) ?? Buffer.from(handle.read?.(this) ?? "").subarray(from, from + length);
    if (position === undefined) file.at += bytes.length;
    return bytes;
  }

  /** Bytes taken, which may be fewer than were given. With `position` as pwrite(2), which leaves the offset alone. */
  async write(descriptor: number, text: string, position?: number): Promise<number> {
    const file = this.#file(descriptor);
    if (file.handle.write === undefined) throw new Errno("EINVAL");
    const taken = await taking(file.handle.write(text, this), Buffer.byteLength(text));
    if (position === undefined && file.countsWrites) file.at += taken;
    return taken;
  }

  close(descriptor: number): void {
    const { handle } = this.#file(descriptor);
    this.#files.delete(descriptor);
    handle.close?.();
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
    if (parent.get(name) !== undefined) throw new Errno("EEXIST");
    if (parent.link === undefined) throw new Errno("EPERM");
    await parent.link(name, to, () => this.#walk(to, true).entry, this);
  }

  rename(from: string, to: string): void {
    const { parent, name } = this.#parentOf(from);
    const entry = parent.get(name);
    if (entry === undefined) throw new Errno("ENOENT");
    const target = this.#parentOf(to);
    if (parent.take === undefined || target.parent.put === undefined) throw new Errno("EPERM");
    const there = target.parent.get(target.name);
    if (there?.kind === "directory" && entry.kind !== "directory") throw new Errno("EISDIR");
    if (there !== undefined && there.kind !== "directory" && entry.kind === "directory") throw new Errno("ENOTDIR");
    if (there?.kind === "directory" && [...there.list()].length > 0) throw new Errno("ENOTEMPTY");
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

  /** Follows links. What the kernel shows of itself has no permissions of its own here. */
  chmod(path: string, mode: number): void {
    const access = ownAccess(this.#walk(path, true).entry);
    access.mode = mode & 0o7777;
  }

  /** lchown(2). Another owner takes set-user-ID and set-group-ID from a file that can be executed (fs/attr.c). */
  chown(path: string, { uid, gid }: { uid: number; gid: number }): void {
    const { entry } = this.#walk(path, false);
    const access = ownAccess(entry);
    if (entry.kind === "file") access.mode &= (access.mode & 0o010) === 0 ? ~0o4000 : ~0o6000;
    Object.assign(access, { uid, gid });
  }

  /** As touch(1); there are no times here. */
  touch(path: string): void {
    try {
      this.#walk(path, true);
    } catch (error) {
      if (!(error instanceof Errno) || error.code !== "ENOENT") throw error;
      this.#create(path);
    }
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

  #walk(path: string, follow: boolean) {
    return walk(this.#start(path), this.#absolute(path), follow);
  }

  #parentOf(path: string): { parent: Directory; name: string } {
    return walkToParent(this.#start(path), this.#absolute(path));
  }

  /** The root, or the machine's own where the path counts from a working directory outside of it. */
  #start(path: string): Directory {
    const { root } = this.#machine;
    if (this.#root === "" || !this.#isInside(path)) return root;
    const { entry } = walk(root, this.#root, true);
    if (entry.kind !== "directory") throw new Errno("ENOTDIR");
    return entry;
  }

  /** As {@link #start} counts. */
  #absolute(path: string): string {
    if (path.startsWith("/")) return path;
    const directory = this.#isInside(path) ? this.#directory.slice(this.#root.length) : this.#directory;
    return `${directory}/${path}`;
  }

  #isInside(path: string): boolean {
    return path.startsWith("/") || `${this.#directory}/`.startsWith(`${this.#root}/`);
  }

  #file(descriptor: number): OpenFile {
    const file = this.#files.get(descriptor);
    if (file === undefined) throw new Errno("EBADF");
    return file;
  }
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
