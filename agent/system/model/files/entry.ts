/** Whatever a path of the model can name. Content is made when it is read, so that an idle node costs nothing. */
export type Entry = File | Directory | Link | Device;

/** A file as one open(2) of it sees it. */
export interface Handle {
  read?(): string;
  /** One write(2). Throws a {@link ShortWrite} where it took less than it was given. */
  write?(text: string): void | Promise<void>;
}

export interface File {
  kind: "file";
  /** Where what is read and written depends on what this open file did before. Without it, every read and write stands alone. */
  open?(): Handle;
  /** Without it, reading is EACCES. */
  read?(): string;
  /** One write(2). Without it, writing is EACCES. */
  write?(text: string): void | Promise<void>;
  /** Bytes, where it is not simply the length of what is read. */
  size?: number;
}

export interface Link {
  kind: "link";
  /** Absolute, or relative to the directory of the link. */
  to: string;
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
  list(): Iterable<string>;
  get(name: string): Entry | undefined;
  make?(name: string): void;
  /** rmdir of the directory of this name. */
  remove?(name: string): void | Promise<void>;
  /** `resolve` gives what `to` names, or throws. */
  link?(name: string, to: string, resolve: () => Entry): void | Promise<void>;
  unlink?(name: string): void | Promise<void>;
  /** A plain file, written beside and renamed over. */
  replace?(name: string, content: string): void;
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

export function text(value: () => string): File {
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
  return { kind: "directory", list: () => fixed(make()).list(), get: (name) => fixed(make()).get(name) };
}

/** A directory whose names are known without making its entries. */
export function dynamic(names: () => Iterable<string>, get: (name: string) => Entry | undefined): Directory {
  return { kind: "directory", list: names, get };
}
