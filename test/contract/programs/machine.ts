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

/** System calls of one process. They reject with {@link Refused}. Relative paths count from its working directory. */
export interface Calls {
  open(path: string, flags: OpenFlags): Promise<number>;
  /** With `position` as pread(2). */
  read(descriptor: number, length: number, position?: number): Promise<Uint8Array>;
  /** Bytes that were taken. */
  write(descriptor: number, bytes: string): Promise<number>;
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
  setReadOnly(disk: string, readOnly: boolean): Promise<void>;
  sleep(seconds: number): Promise<void>;
  /** Monotonic. */
  now(): Millis;
  /** All of dmesg, with times: `[   12.345678] nvmet: …`. */
  kernelLog(): Promise<string[]>;
  /** A TCP connection. Rejects with {@link Refused}. */
  dial(address: string, port: number): Promise<Duplex>;
}
