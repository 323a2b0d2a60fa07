import { hasErrno, type System, SystemError } from "../../system.ts";
import type { Access } from "../files/entry.ts";

/** Something of a node's file system as it was found. */
export type CapturedEntry =
  | { kind: "file"; text: string }
  /** Reading it was refused. */
  | { kind: "file"; errno: string }
  /** On a disk: it may be replaced and removed. Without its text only the size (bytes) is known. */
  | { kind: "plain"; content: string | { size: number }; access?: Access }
  | { kind: "link"; to: string; access?: Access }
  /** A device node, by the kernel's name of the device. */
  | { kind: "block" | "char"; name: string }
  | { kind: "directory"; access?: Access }
  /** Below /proc/sys: it may be written to. */
  | { kind: "sysctl"; text: string };

/** By absolute path. */
export type CapturedEntries = Readonly<Record<string, CapturedEntry>>;

const gone = ["ENOENT", "ESRCH", "ENODEV", "ENXIO", "ENOTDIR"] as const;

/** Reads things of a system and remembers them. What vanishes while it is read is left out; what is refused is remembered so. */
export class Collector {
  readonly system: System;
  readonly entries: Record<string, CapturedEntry> = {};

  constructor(system: System) {
    this.system = system;
  }

  put(path: string, entry: CapturedEntry): void {
    this.entries[path] = entry;
  }

  async file(path: string): Promise<void> {
    const text = await this.attempt(this.system.read(path));
    if (text === undefined) return;
    // A directory of that name is none of the files that are asked for.
    if (typeof text === "string") this.put(path, { kind: "file", text });
    else if (text.errno !== "EISDIR") this.put(path, { kind: "file", errno: text.errno });
  }

  async files(directory: string, names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.file(`${directory}/${name}`)));
  }

  /** Where a link leads, as it is written; undefined where there is none. */
  async link(path: string): Promise<string | undefined> {
    const to = await this.readlink(path);
    if (to !== undefined) this.put(path, { kind: "link", to });
    return to;
  }

  /** The same, and it is not remembered. */
  async readlink(path: string): Promise<string | undefined> {
    const to = await this.attempt(this.system.readlink(path));
    return typeof to === "string" ? to : undefined;
  }

  /** None where there is no such directory. */
  async list(path: string): Promise<string[]> {
    const names = await this.attempt(this.system.list(path));
    return Array.isArray(names) ? names : [];
  }

  async realpath(path: string): Promise<string | undefined> {
    const real = await this.attempt(this.system.realpath(path));
    return typeof real === "string" ? real : undefined;
  }

  /** What was asked for, undefined where nothing is there, or the errno of the refusal. */
  async attempt<T>(asked: Promise<T>): Promise<T | { errno: string } | undefined> {
    try {
      return await asked;
    } catch (error) {
      if (hasErrno(error, ...gone)) return undefined;
      if (error instanceof SystemError) return { errno: error.errno };
      throw error;
    }
  }
}
