import type { Network } from "../network.ts";

/** The process on whose behalf something is done. Who is given none acts for the machine's first process. */
export interface Caller {
  /** What a path names for it, from its root and working directory, with links followed; and where the machine has it. */
  find(path: string): { entry: Entry; path: string };
  /** Where its sockets are. */
  readonly network: Network;
}

/** Who may do what with a file: bits of chmod(2), numbers of an owner. */
export interface Access {
  mode: number;
  uid: number;
  gid: number;
}

/** Whatever a path of the model can name. Content is made when it is read, so that an idle node costs nothing. */
export type Entry = File | Directory | Link | Device;

/** A file as one open(2) of it sees it. */
export interface Handle {
  read?(caller?: Caller): string;
  /** One write(2). Throws a {@link ShortWrite} where it took less than it was given. */
  write?(text: string, caller?: Caller): void | Promise<void>;
  /** Bytes from an offset, of what is no text: fewer at its end. */
  readAt?(offset: number, length: number): Promise<Uint8Array>;
  close?(): void;
}

export interface File {
  kind: "file";
  /** Where what is read and written depends on what this open file did before. Without it, every read and write stands alone. */
  open?(): Handle;
  /** Without it, reading is EACCES. */
  read?(caller?: Caller): string;
  /** One write(2). Without it, writing is EACCES. */
  write?(text: string, caller?: Caller): void | Promise<void>;
  /** Bytes, where it is not simply the length of what is read. */
  size?: number;
  /** Of what lies on a disk; of the kernel's own it follows from what can be done with it, and stays. */
  access?: Access;
}

export interface Link {
  kind: "link";
  /** Absolute, or relative to the directory of the link. */
  to: string;
  access?: Access;
}

export interface Device {
  kind: "block" | "char";
  /** Kernel name. */
  name: string;
  open?(): Handle;
  read?(): string;
  write?(text: string): void | Promise<void>;
}

/** A directory; an operation that it lacks is EPERM. */
export interface Directory {
  kind: "directory";
  /** Of what lies on a disk. */
  access?: Access;
  list(): Iterable<string>;
  get(name: string): Entry | undefined;
  make?(name: string): void;
  /** rmdir of the directory of this name. */
  remove?(name: string): void | Promise<void>;
  /** `resolve` gives what `to` names, or throws. */
  link?(name: string, to: string, resolve: () => Entry, caller?: Caller): void | Promise<void>;
  unlink?(name: string): void | Promise<void>;
  /** A plain file, written beside and renamed over. */
  replace?(name: string, content: string, access?: Access): void;
  /** A new, empty file. Without it, open(2) with O_CREAT of a missing one is EACCES. */
  create?(name: string): File;
  /** The two halves of a rename, of a name that is there; without them it is EPERM. */
  take?(name: string): void;
  put?(name: string, entry: Entry): void;
}

/** A read-only file whose text gets its newline here. */
export function line(value: () => string | number): File {
  return { kind: "file", read: () => `${value()}\n` };
}

export function text(value: (caller?: Caller) => string): File {
  return { kind: "file", read: value };
}

export function link(to: string): Link {
  return { kind: "link", to };
}

/** A directory with these names; an undefined entry is not there. */
export function fixed(entries: Readonly<Record<string, Entry | undefined>>): Directory {
  return {
    kind: "directory",
    list: () => Object.keys(entries).filter((name) => entries[name] !== undefined),
    get: (name) => (Object.hasOwn(entries, name) ? entries[name] : undefined),
  };
}

/** A directory that is made anew whenever something looks into it. */
export function lazily(make: () => Readonly<Record<string, Entry | undefined>>): Directory {
  const get = (name: string) => {
    const entries = make();
    return Object.hasOwn(entries, name) ? entries[name] : undefined;
  };
  return { kind: "directory", list: () => fixed(make()).list(), get };
}

/** A directory whose names are known without making its entries. */
export function dynamic(names: () => Iterable<string>, get: (name: string) => Entry | undefined): Directory {
  return { kind: "directory", list: names, get };
}

/** Both trees in one; where both have a thing that is no directory, the first counts. */
export function merged(over: Directory, base: Directory): Directory {
  const get = (name: string): Entry | undefined => {
    const [found, below] = [over.get(name), base.get(name)];
    if (found?.kind === "directory" && below?.kind === "directory") return merged(found, below);
    return found ?? below;
  };
  return { kind: "directory", list: () => new Set([...over.list(), ...base.list()]), get };
}
