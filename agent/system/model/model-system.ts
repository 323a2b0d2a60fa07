import type { Duplex } from "node:stream";
import { type Clock, type Deadline, left } from "../../../shared/clock.ts";
import type { Change, Command, InterfaceAddress, Op, Output, Stat, System } from "../system.ts";
import { refusal, silence } from "./answers.ts";
import type { DriveOptions } from "./drives.ts";
import { Errno } from "./errno.ts";
import type { Uevent } from "./events.ts";
import { walk } from "./files/walk.ts";
import { type BootOptions, Hardware, type ModelNodeOptions } from "./hardware.ts";
import { interfaceAddress } from "./ip.ts";
import { assertExclusive, discoveryLogOf, diskUpTo, linkAt, namesIn, readWhole, statOf } from "./looks.ts";
import { Machine } from "./machine.ts";
import { type Established, synPatience } from "./network.ts";
import { execute, placeOf } from "./operations.ts";
import { Process } from "./process.ts";
import { runProgram } from "./programs.ts";
import { Reboot } from "./reboot.ts";
import { within } from "./within.ts";

/**
 * Linux as code: the {@link System} of a node that does not exist, from a boot until the power is lost. It starts with
 * nothing loaded or mounted.
 */
export class ModelSystem implements System {
  readonly #hardware: Hardware;
  readonly #machine: Machine;
  #on = true;
  readonly #reboot = new Reboot();

  constructor(hardware: Hardware, boot?: BootOptions) {
    this.#hardware = hardware;
    this.#machine = new Machine(hardware, boot);
  }

  get clock(): Clock {
    return this.#machine.clock;
  }

  read(path: string): Promise<string> {
    return this.#attempt("read", path, () => readWhole(this.#machine, path));
  }

  list(path: string): Promise<string[]> {
    return this.#attempt("list", path, () => namesIn(this.#machine, path));
  }

  readlink(path: string): Promise<string> {
    return this.#attempt("readlink", path, () => linkAt(this.#machine, path));
  }

  realpath(path: string): Promise<string> {
    return this.#attempt("realpath", path, () => walk(this.#machine.root, path, true).path);
  }

  stat(path: string): Promise<Stat> {
    return this.#attempt("stat", path, () => statOf(this.#machine, path));
  }

  openExclusive(path: string): Promise<void> {
    return this.#attempt("open", path, () => assertExclusive(this.#machine, path));
  }

  async do(op: Op, deadline: Deadline): Promise<void> {
    await this.#attempt(op.op, placeOf(op), () => this.#within(deadline, execute(this.#machine, op)));
  }

  async *exec(command: Command, deadline: Deadline): AsyncIterable<Output> {
    const output = runProgram(command, deadline, {
      machine: this.#machine,
      reboot: () => this.#reboot.begin(this),
      read: (path) => this.read(path),
      list: (path) => this.list(path),
    });
    for await (const each of output) yield await this.#attempt("run", command.argv[0], () => each);
  }

  async dial(to: { address: string; port: number }, deadline: Deadline): Promise<Duplex> {
    return this.#attempt("connect to", `${to.address}:${to.port}`, async () => {
      const patience = Math.min(left(this.clock, deadline), synPatience);
      const dialled = this.#machine.network.dial({ transport: "tcp", ...to }, patience);
      return (await this.#within(deadline, dialled)).stream;
    });
  }

  async addresses(): Promise<InterfaceAddress[]> {
    return this.#attempt("list", "addresses", () => [...this.#machine.network.addresses]);
  }

  async hostname(): Promise<string> {
    return this.#attempt("read", "hostname", () => this.#machine.hostname);
  }

  changes(signal: AbortSignal): AsyncIterable<Change> {
    return this.#machine.events.changes(signal);
  }

  /** Mounts a disk, by its kernel name, for the guards to find. */
  mountDrive(name: string, at: string): void {
    this.#machine.uses.mount({ device: name, source: `/dev/${name}`, at, type: "ext4", options: "rw,relatime" });
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

  /** A disk by its kernel name, or a file by its path. */
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

  /** Listens to uevents, as on a netlink socket, until the power goes. */
  hear(hear: (uevent: Uevent) => void): void {
    this.#machine.events.hear(hear);
  }

  /** As `losetup`: gives a loop device a file. Throws an {@link Errno}. */
  attachLoop(name: string, path: string): void {
    this.#machine.virtualDisk(name).attach(path, this.#machine.openBacking(path, false));
  }

  /** As `losetup -c`: the device takes the size that its file has now. Throws an {@link Errno}. */
  resizeLoop(name: string): void {
    this.#machine.virtualDisk(name).refreshSize();
  }

  /** As `nvme get-log -i 0x70` of a fabrics controller. Rejects with an {@link Errno}: ENOENT, EIO. */
  async readDiscoveryLog(controller: string): Promise<Uint8Array> {
    return discoveryLogOf(this.#machine, controller);
  }

  /** `mount --bind` of a directory that is there. */
  bindMount(from: string, at: string): void {
    this.#machine.bindMount(from, at);
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

  /** Connections to this port. */
  connections(port: number): readonly Established[] {
    return this.#machine.network.established.filter((each) => each.port === port);
  }

  /** `ss -K`, of the connections from there to this port, which it gives. */
  closeConnections(from: string, port: number): readonly Established[] {
    return this.#machine.network.abort(from, port);
  }

  /** `ip addr add`, of an address as the options have them. Rejects with EEXIST. */
  async addAddress(address: InterfaceAddress | string): Promise<void> {
    const full = typeof address === "string" ? interfaceAddress(address, 0) : address;
    await this.#attempt("add", full.address, () => this.#machine.network.addAddress(full));
  }

  /** `ip addr del`. Sockets on it stay, and connections over it are silent until it is back. Rejects with EADDRNOTAVAIL. */
  async removeAddress(address: string): Promise<void> {
    await this.#attempt("remove", address, () => this.#machine.network.removeAddress(address));
  }

  /** `ip link set <name> up` or `down`. */
  async setInterface(name: string, state: "up" | "down"): Promise<void> {
    await this.#machine.network.setInterface(name, state);
  }

  /**
   * The content of a disk, local or over fabrics. While no path to it is usable but one may become so it waits, as the
   * kernel does; then it rejects with EIO.
   */
  async readBlocks(name: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#attempt("read", `/dev/${name}`, async () =>
      diskUpTo(this.#machine, name, offset + length).io.read(offset, length),
    );
  }

  async writeBlocks(name: string, offset: number, bytes: Uint8Array): Promise<void> {
    await this.#attempt("write", `/dev/${name}`, async () =>
      diskUpTo(this.#machine, name, offset + bytes.length).io.write(offset, bytes),
    );
  }

  /** As at a shutdown: peers see every connection end, and are refused from then on. */
  async stop(): Promise<void> {
    await this.#machine.stop();
  }

  /**
   * Power loss: peers hear nothing any more, not even that their connections ended. Whatever is asked of this system now
   * or was asked and not answered is never answered.
   */
  async powerOff(): Promise<void> {
    if (!this.#on) return;
    this.#on = false;
    await this.#machine.cut();
    this.#hardware.losePower();
  }

  /**
   * The same machine at its next boot: the drives with their content and the files on its disk, and nothing of the
   * kernel's. Cuts the power first where it is on. A system of its own: whoever worked on this one died with it.
   */
  async boot(options: BootOptions = {}): Promise<ModelSystem> {
    await this.powerOff();
    if (options.driveOrder !== undefined) this.#hardware.enumerate(options.driveOrder);
    return new ModelSystem(this.#hardware, options);
  }

  /** Resolves with the machine at its next boot once a program on it reboots it. Whoever works on this one has to go there. */
  get rebooted(): Promise<ModelSystem> {
    return this.#reboot.done;
  }

  #within<R>(deadline: Deadline, work: Promise<R>): Promise<R> {
    return within(this.clock, deadline, work, () => new Errno("ETIMEDOUT"));
  }

  /** What is known at once is answered without a detour: a look at a node is dozens of reads. */
  #attempt<R>(doing: string, path: string, act: () => R | Promise<R>): Promise<R> {
    if (!this.#on) return silence();
    try {
      const acted = act();
      return acted instanceof Promise ? this.#settled(doing, path, acted) : Promise.resolve(acted);
    } catch (error) {
      return Promise.reject(refusal(doing, path, error));
    }
  }

  async #settled<R>(doing: string, path: string, acted: Promise<R>): Promise<R> {
    try {
      const result = await acted;
      return this.#on ? result : await silence();
    } catch (error) {
      if (!this.#on) return silence();
      throw refusal(doing, path, error);
    }
  }
}

/** A machine that does not exist, on a network of its own kind. */
export function createModelNode(options: ModelNodeOptions): ModelSystem {
  return new ModelSystem(new Hardware(options));
}
