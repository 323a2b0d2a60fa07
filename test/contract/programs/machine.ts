import type { Duplex } from "node:stream";
import type { Millis } from "../../../shared/clock.ts";

/** How open(2) is asked. */
export interface OpenFlags {
  access: "read" | "write" | "both";
  create?: boolean;
  exclusive?: boolean;
  truncate?: boolean;
}

/** What an operation was refused with, by its name in errno.h. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly errno: string;

  constructor(errno: string, cause?: unknown) {
    super(errno, { cause });
    this.errno = errno;
  }
}

/** The kernel crashed in a system call of this process, and killed it. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** Where a forked process is: in a network namespace of its own (its loopback is up), or with another root directory. */
export interface ChildPlace {
  network?: "own";
  root?: string;
}

/** System calls of one process. They reject with {@link Refused}. Relative paths count from its working directory. */
export interface Calls {
  open(path: string, flags: OpenFlags): Promise<number>;
  /** With `position` as pread(2). */
  read(descriptor: number, length: number, position?: number): Promise<Uint8Array>;
  /** Bytes that were taken. With `position` as pwrite(2). */
  write(descriptor: number, bytes: string, position?: number): Promise<number>;
  close(descriptor: number): Promise<void>;
  mkdir(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  symlink(to: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  readlink(path: string): Promise<string>;
  realpath(path: string): Promise<string>;
  readdir(path: string): Promise<string[]>;
  lstat(path: string): Promise<{ mode: number; size: number }>;
  stat(path: string): Promise<{ mode: number; size: number }>;
  /** A plain file, made where there is none. */
  truncate(path: string, size: number): Promise<void>;
  chdir(path: string): Promise<void>;
}

/** What the recorded programs need of a machine: the model, or the kernel that this runs on. */
export interface Machine {
  /** `uname -r`. */
  readonly release: string;
  readonly calls: Calls;
  /** What is not there is not loaded: nothing is said of it. */
  modprobe(module: string, parameters?: Readonly<Record<string, string>>): Promise<void>;
  /** `rmmod` of all of them in order; what it printed. */
  rmmod(modules: readonly string[]): Promise<string>;
  mountConfigfs(): Promise<void>;
  /** On /sys/kernel/debug, where the kernel has it. */
  mountDebugfs(): Promise<void>;
  setReadOnly(disk: string, readOnly: boolean): Promise<void>;
  sleep(seconds: number): Promise<void>;
  /** What the work gives, or undefined once it took longer. */
  within<R>(seconds: number, work: Promise<R>): Promise<R | undefined>;
  /** This machine, as a forked process sees it. */
  fork(where: ChildPlace): Promise<ForkedMachine>;
  /** /sys with configfs, below another directory that is there. */
  mountSystem(at: string): Promise<void>;
  /** Monotonic. */
  now(): Millis;
  /** All of dmesg, with times: `[   12.345678] nvmet: …`. */
  kernelLog(): Promise<string[]>;
  /** A TCP connection. Rejects with {@link Refused}. */
  dial(address: string, port: number): Promise<Duplex>;
  /** `ip addr add`, as `127.0.0.2/8` on `lo`. */
  addAddress(address: string, device: string): Promise<void>;
  /** Listens to kernel events from now on. */
  hear(): Promise<Hearing>;
  /** The exit code, and what it printed. */
  losetup(device: string, path: string): Promise<{ code: number; text: string }>;
  /** `losetup -c`: the device takes the size that its file has now. */
  resizeLoop(device: string): Promise<{ code: number; text: string }>;
  /** The first bytes of a log page of a controller, as `nvme get-log` reads it. */
  readLogPage(controller: string, page: number, length: number): Promise<Uint8Array>;
  /** Established TCP connections to this port, as `ss -tnH` prints them. */
  sockets(port: number): Promise<string>;
  /** `ss -K`: ends those that come from this address. Its exit code, and the sockets that it printed. */
  closeSockets(from: string, port: number): Promise<{ code: number; text: string }>;
  /**
   * The exit code of a `dd` that reads a block around the page cache and is ended after so many seconds; undefined where it
   * could not be ended, as it waits in the kernel.
   */
  readDisk(disk: string, seconds: number): Promise<number | undefined>;
}

/** What the kernel tells its listeners (netlink), as a thread of the program hears it. */
export interface Hearing {
  /** What came since it was last asked or told to forget: `add@/devices/…` and the properties, in the kernel's order. */
  heard(): { headline: string; properties: string[] }[];
  forget(): void;
}

export interface ForkedMachine extends Machine {
  exit(): Promise<void>;
}
