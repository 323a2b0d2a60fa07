import type { Duplex } from "node:stream";
import type { Deadline } from "../../shared/clock.ts";
import type { Secret } from "../../shared/secret.ts";

/** One operation on the operating system. Data, so that a plan can be shown, kept and compared. */
export type Op =
  | { op: "mkdir" | "rmdir" | "unlink"; path: string }
  /** `to` is absolute: configfs resolves a relative target against the caller's working directory. */
  | { op: "symlink"; path: string; to: string }
  /** An attribute: one write(2), without O_CREAT, without an added newline. */
  | { op: "write"; path: string; value: string | Secret }
  /** A plain file: written beside, then renamed over; directories that are missing above it are made. */
  | { op: "replace"; path: string; content: string; mode: number; owner?: Owner }
  /** Permission bits of what a path leads to, links followed. */
  | { op: "chmod"; path: string; mode: number }
  /** Owner of what is at a path, links not followed. */
  | { op: "chown"; path: string; owner: Owner }
  /** Sets the times of a file to now; makes an empty one where there is none. */
  | { op: "touch"; path: string }
  | { op: "rename"; path: string; to: string }
  | { op: "modprobe"; name: string; parameters: Readonly<Record<string, string>> }
  | { op: "unloadModule"; name: string }
  /** Mounts configfs on /sys/kernel/config. */
  | { op: "mountConfigfs" }
  /** One write to /dev/nvme-fabrics: `name=value` pairs, or the bare name for true. */
  | { op: "connect"; options: ConnectOptions };

/** Numbers of a user and a group. */
export interface Owner {
  uid: number;
  gid: number;
}

export type ConnectOptions = Readonly<Record<string, string | number | true | Secret>>;

export interface Command {
  argv: readonly [string, ...string[]];
  cwd?: string | undefined;
  stdin?: string | Secret | undefined;
  /** More variables of its environment, over those that the agent gives every program. */
  environment?: Readonly<Record<string, string>> | undefined;
}

export type Output =
  | { is: "stdout" | "stderr"; text: string }
  /** The last one: the exit code, or null where a signal ended it. */
  | { is: "exit"; code: number | null; signal: string | null };

/** Something that may have changed what an observation sees. */
export interface Change {
  subsystem: "nvme" | "block" | "net" | "unknown";
  /** As the kernel says it: add, remove, change, … */
  action: string;
  /** The device's kernel name, where there is one. */
  device?: string | undefined;
}

export interface Stat extends Owner {
  kind: "file" | "directory" | "block" | "char" | "link" | "other";
  /** Bytes: of a regular file; 0 for the rest. */
  size: number;
  /** Permission bits, set-user-ID, set-group-ID and sticky bit included: 0o644. */
  mode: number;
}

export interface InterfaceAddress {
  interface: string;
  address: string;
  family: "ipv4" | "ipv6";
  /** CIDR prefix length. */
  prefix: number;
  mac: string;
}

/**
 * The operating system under an agent: Linux, or a model of it. Every method rejects with a {@link SystemError} that
 * carries the kernel's errno. Paths are absolute.
 */
export interface System {
  /** A whole file, as text: an attribute with its newline. */
  read(path: string): Promise<string>;
  /** Names in a directory, sorted. */
  list(path: string): Promise<string[]>;
  readlink(path: string): Promise<string>;
  /** With every link on the way resolved. */
  realpath(path: string): Promise<string>;
  /** Does not follow a link. */
  stat(path: string): Promise<Stat>;
  /** Opens for reading with O_EXCL and closes: EBUSY where a block device is mounted (in any mount namespace) or held. */
  openExclusive(path: string): Promise<void>;
  do(op: Op, deadline: Deadline): Promise<void>;
  /** Rejects with ENOENT where there is no such program; ends the program at the deadline with ETIMEDOUT. */
  exec(command: Command, deadline: Deadline): AsyncIterable<Output>;
  /** A TCP connection. Rejects as connect(2) does: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, … */
  dial(to: { address: string; port: number }, deadline: Deadline): Promise<Duplex>;
  addresses(): Promise<InterfaceAddress[]>;
  hostname(): Promise<string>;
  /** Kernel events, until the signal is aborted. */
  changes(signal: AbortSignal): AsyncIterable<Change>;
}

/** What an operation of the system was refused with. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  /** As errno.h names it: EBUSY, ENOENT, … */
  readonly errno: string;
  readonly path: string;

  constructor(errno: string, path: string, doing: string, details: { cause?: unknown; detail?: string } = {}) {
    super(`${doing} ${path}: ${errno}${details.detail === undefined ? "" : ` (${details.detail})`}`, {
      cause: details.cause,
    });
    this.errno = errno;
    this.path = path;
  }
}

/** Whether a value was refused with one of these errnos. */
export function hasErrno(error: unknown, ...errnos: string[]): error is SystemError {
  return error instanceof SystemError && errnos.includes(error.errno);
}
