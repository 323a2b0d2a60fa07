import type { Duplex } from "node:stream";
import { type Deadline, left } from "../../../shared/clock.ts";
import {
  type Change,
  type Command,
  type InterfaceAddress,
  type Op,
  type Output,
  type Stat,
  type System,
  SystemError,
} from "../system.ts";
import type { Backing } from "./backing.ts";
import type { DriveOptions } from "./drives.ts";
import { Errno } from "./errno.ts";
import type { Entry } from "./files/entry.ts";
import { walk } from "./files/walk.ts";
import { Machine, type ModelNodeOptions } from "./machine.ts";
import { execute, placeOf } from "./operations.ts";
import { Process } from "./process.ts";
import { runProgram } from "./programs.ts";

/** A timer of Node's holds 31 bits of milliseconds; a longer one fires at once. */
const longestTimer = 0x7fffffff;

/** Linux as code: the {@link System} of a node that does not exist. It starts with nothing loaded or mounted. */
export class ModelSystem implements System {
  readonly #machine: Machine;

  constructor(options: ModelNodeOptions) {
    this.#machine = new Machine(options);
  }

  async read(path: string): Promise<string> {
    return this.#attempt("read", path, () => {
      const entry = this.#entry(path);
      if (entry.kind === "directory") throw new Errno("EISDIR");
      if (entry.kind === "link" || entry.read === undefined) throw new Errno("EACCES");
      return entry.read();
    });
  }

  async list(path: string): Promise<string[]> {
    return this.#attempt("list", path, () => {
      const entry = this.#entry(path);
      if (entry.kind !== "directory") throw new Errno("ENOTDIR");
      return [...entry.list()].sort();
    });
  }

  async readlink(path: string): Promise<string> {
    return this.#attempt("readlink", path, () => {
      const { entry } = walk(this.#machine.root, path, false);
      if (entry.kind !== "link") throw new Errno("EINVAL");
      return entry.to;
    });
  }

  async realpath(path: string): Promise<string> {
    return this.#attempt("realpath", path, () => walk(this.#machine.root, path, true).path);
  }

  async stat(path: string): Promise<Stat> {
    return this.#attempt("stat", path, () => {
      const { entry } = walk(this.#machine.root, path, false);
      return { kind: entry.kind, size: entry.kind === "file" ? (entry.size ?? 4096) : 0 };
    });
  }

  async openExclusive(path: string): Promise<void> {
    return this.#attempt("open", path, () => {
      const entry = this.#entry(path);
      if (entry.kind === "block") this.#machine.uses.assertExclusive(entry.name);
    });
  }

  async do(op: Op, deadline: Deadline): Promise<void> {
    await this.#attempt(op.op, placeOf(op), () => this.#within(deadline, execute(this.#machine, op)));
  }

  exec(command: Command, deadline: Deadline): AsyncIterable<Output> {
    const { clock, hostname, kernel } = this.#machine;
    return runProgram(command, deadline, {
      clock,
      hostname,
      release: kernel.release,
      read: (path) => this.read(path),
      list: (path) => this.list(path),
    });
  }

  async dial(to: { address: string; port: number }, deadline: Deadline): Promise<Duplex> {
    return this.#attempt("connect to", `${to.address}:${to.port}`, async () => {
      const dialled = this.#machine.network.dial({ transport: "tcp", ...to });
      return (await this.#within(deadline, dialled)).stream;
    });
  }

  async addresses(): Promise<InterfaceAddress[]> {
    return [...this.#machine.network.addresses];
  }

  async hostname(): Promise<string> {
    return this.#machine.hostname;
  }

  changes(signal: AbortSignal): AsyncIterable<Change> {
    return this.#machine.events.changes(signal);
  }

  /** Mounts a disk, by its kernel name, for the guards to find. */
  mountDrive(name: string, at: string): void {
    this.#machine.uses.mount(name, at);
  }

  unmountDrive(name: string): void {
    this.#machine.uses.unmount(name);
  }

  /** Lays something over a disk: dm-0, md127. */
  hold(name: string, by: string): void {
    this.#machine.uses.hold(name, by);
  }

  release(name: string, by: string): void {
    this.#machine.uses.release(name, by);
  }

  swapOn(name: string): void {
    this.#machine.uses.swapOn(name);
  }

  openByProcess(name: string, pid: number, comm: string): void {
    this.#machine.uses.open(name, { pid, comm });
  }

  closeByProcess(name: string, pid: number): void {
    this.#machine.uses.close(name, pid);
  }

  /** A process on the node: system calls that no {@link System} has. Each throws an {@link Errno}. */
  startProcess(): Process {
    return new Process(this.#machine);
  }

  /** As dmesg prints it, oldest first. */
  kernelLog(): readonly string[] {
    return this.#machine.log.lines();
  }

  /** As `blockdev --setro`, of a disk without hardware. */
  setReadOnly(name: string, readOnly: boolean): void {
    this.#machine.virtualDisk(name).readOnly = readOnly;
  }

  /** Returns the kernel name of the new disk. */
  plugDrive(options: DriveOptions): string {
    return this.#machine.plug(options).name;
  }

  unplugDrive(name: string): void {
    this.#machine.unplug(name);
  }

  /** The drive itself grows or shrinks; who exports it must revalidate. */
  resizeDrive(name: string, size: number): void {
    this.#machine.drive(name).bytes = size;
  }

  /** Another program listens there. */
  occupyPort(address: string, port: number): void {
    this.#machine.network.occupy(address, port);
  }

  /** The content of a disk, local or over fabrics. Rejects with EIO where no path to it is live. */
  async readBlocks(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#attempt("read", `/dev/${name}`, async () => this.#disk(name, offset + length).io.read(offset, length));
  }

  async writeBlocks(name: string, offset: number, bytes: Uint8Array): Promise<void> {
    await this.#attempt("write", `/dev/${name}`, async () =>
      this.#disk(name, offset + bytes.length).io.write(offset, bytes),
    );
  }

  /** Power loss: peers see every connection end. */
  async stop(): Promise<void> {
    await this.#machine.stop();
  }

  #disk(name: string, end: number): Backing {
    const disk = this.#machine.openBlock(name);
    if (end > disk.size()) throw new Errno("ENOSPC");
    return disk;
  }

  #entry(path: string): Entry {
    return walk(this.#machine.root, path, true).entry;
  }

  /** Waits no longer than the deadline; what was begun goes on, as in the kernel. */
  async #within<R>(deadline: Deadline, work: Promise<R>): Promise<R> {
    const { clock } = this.#machine;
    const patience = new AbortController();
    const late = clock.sleep(Math.min(left(clock, deadline), longestTimer), patience.signal).then(() => {
      throw new Errno("ETIMEDOUT");
    });
    late.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } finally {
      patience.abort();
    }
  }

  async #attempt<R>(doing: string, path: string, act: () => R | Promise<R>): Promise<R> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const detail = error.message === error.code ? {} : { detail: error.message };
      throw new SystemError(error.code, path, doing, { cause: error, ...detail });
    }
  }
}

/** A machine that does not exist, on a network of its own kind. */
export function createModelNode(options: ModelNodeOptions): ModelSystem {
  return new ModelSystem(options);
}
