import { Errno } from "../errno.ts";
import { PageStore } from "../page-store.ts";
import type { Access, Directory, Entry, File } from "./entry.ts";

/** What the first process makes, with a umask of 022. */
const ofRoot = (mode: number): Access => ({ mode, uid: 0, gid: 0 });

/** A plain file: text, or a sparse one of a size, as a namespace may be backed by. */
export class PlainFile implements File {
  readonly kind = "file";
  access = ofRoot(0o644);
  #content: string;
  #sparse: number | undefined;
  #pages: PageStore | undefined;

  constructor(content: string | { size: number }) {
    this.#content = typeof content === "string" ? content : "";
    this.#sparse = typeof content === "string" ? undefined : content.size;
  }

  get size(): number {
    return this.#sparse ?? Buffer.byteLength(this.#content);
  }

  /** What is written through a namespace that it backs. */
  get pages(): PageStore {
    this.#pages ??= new PageStore();
    return this.#pages;
  }

  read(): string {
    return this.#content;
  }

  write(text: string): void {
    this.#content = text;
    this.#sparse = undefined;
  }

  /** Bytes; a file of a size that nobody wrote into is sparse. */
  truncate(size: number): void {
    this.#content = "";
    this.#sparse = size;
  }
}

/** A directory of the in-memory file system, into which the kernel's own trees are mounted. */
export class PlainDirectory implements Directory {
  readonly kind = "directory";
  access = ofRoot(0o755);
  readonly #entries = new Map<string, Entry>();

  list(): Iterable<string> {
    return this.#entries.keys();
  }

  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  set(name: string, entry: Entry): this {
    this.#entries.set(name, entry);
    return this;
  }

  /** With all that is in it. */
  drop(name: string): void {
    this.#entries.delete(name);
  }

  /** The directory at a path below this one, made with its parents. */
  ensure(path: string): PlainDirectory {
    let directory: PlainDirectory = this;
    for (const name of path.split("/").filter(Boolean)) {
      const next = directory.get(name);
      if (next instanceof PlainDirectory) directory = next;
      else {
        const made = new PlainDirectory();
        directory.set(name, made);
        directory = made;
      }
    }
    return directory;
  }

  make(name: string): void {
    if (this.#entries.has(name)) throw new Errno("EEXIST");
    this.#entries.set(name, new PlainDirectory());
  }

  remove(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Errno("ENOENT");
    if (entry.kind !== "directory") throw new Errno("ENOTDIR");
    if (!(entry instanceof PlainDirectory)) throw new Errno("EBUSY");
    if (entry.#entries.size > 0) throw new Errno("ENOTEMPTY");
    this.#entries.delete(name);
  }

  link(name: string, to: string): void {
    if (this.#entries.has(name)) throw new Errno("EEXIST");
    this.#entries.set(name, { kind: "link", to, access: ofRoot(0o777) });
  }

  unlink(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Errno("ENOENT");
    if (entry.kind === "directory") throw new Errno("EISDIR");
    this.#entries.delete(name);
  }

  take(name: string): void {
    this.#entries.delete(name);
  }

  put(name: string, entry: Entry): void {
    this.#entries.set(name, entry);
  }

  create(name: string): PlainFile {
    const made = new PlainFile("");
    this.#entries.set(name, made);
    return made;
  }

  replace(name: string, content: string, access?: Access): void {
    if (this.#entries.get(name)?.kind === "directory") throw new Errno("EISDIR");
    const file = new PlainFile(content);
    if (access !== undefined) file.access = access;
    this.#entries.set(name, file);
  }
}
