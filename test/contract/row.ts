import type { BuildOption } from "../../agent/system/model/versions.ts";
import type { ConnectOptions } from "../../agent/system/system.ts";

/**
 * One thing that is done to a node, as data. A path counts from /sys/kernel/config/nvmet unless it is absolute, or begins
 * with `@controller`, `@subsystem`, `@disk` or `@path`: what the initiator has made of its first controller (see places.ts).
 */
export type Act =
  | { act: "mkdir" | "rmdir" | "unlink"; path: string }
  | { act: "link"; path: string; to: string }
  | { act: "write"; path: string; value: string }
  | { act: "replace"; path: string; content: string }
  | { act: "read" | "list" | "readlink" | "realpath" | "openExclusive"; path: string }
  | { act: "modprobe" | "unload"; module: string }
  | { act: "mountConfigfs" }
  | { act: "connect"; options: ConnectOptions }
  /** A TCP connection, which is closed again. */
  | { act: "dial"; address: string; port: number }
  | { act: "wait"; seconds: number };

/** In this state, this operation gives this result. */
export interface Row {
  says: string;
  /** Every one of them must be taken. Before them: nvmet and nvme-tcp are loaded, configfs is mounted, and nothing is made. */
  given?: readonly Act[];
  when: Act;
  /** `ok`, or the name of the errno. */
  gives: string;
  /** What a kernel gives instead now and then, by a race of its own. The model never does. */
  or?: string;
  /**
   * What paths show soon afterwards: an attribute without its newline, where a link leads, the names in a directory with a
   * space between them, or the errno of asking.
   */
  shows?: Readonly<Record<string, string>>;
  /** True of this kernel and of later ones: 6.8. */
  since?: string;
  /** True of kernels older than this one. */
  until?: string;
  /** True where the kernel was built with it. */
  needs?: BuildOption;
  /** True where the kernel was built without it. */
  lacks?: BuildOption;
}

/** A kernel by what rows ask about it. */
export interface KernelFacts {
  /** Of two numbers: 6.12. */
  version: string;
  built: ReadonlySet<BuildOption>;
}

/** Some rows under a title. */
export interface Chapter {
  title: string;
  rows: readonly Row[];
}

/** What these chapters say of one kernel; with a pattern, only rows whose title and sentence it matches. */
export function rowsFor(chapters: readonly Chapter[], kernel: KernelFacts, pattern = ""): Chapter[] {
  const wanted = new RegExp(pattern);
  return chapters.map(({ title, rows }) => ({
    title,
    rows: rows.filter((row) => appliesTo(row, kernel) && wanted.test(`${title}: ${row.says}`)),
  }));
}

/** Whether a row speaks of this kernel. */
function appliesTo({ since, until, needs, lacks }: Row, { version, built }: KernelFacts): boolean {
  return (
    (since === undefined || !isOlder(version, since)) &&
    (until === undefined || isOlder(version, until)) &&
    (needs === undefined || built.has(needs)) &&
    (lacks === undefined || !built.has(lacks))
  );
}

/** Of versions of two numbers. */
export function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split(".").map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
