import { Errno, ShortWrite } from "./errno.ts";
import type { Caller, Directory, Entry, File, Handle } from "./files/entry.ts";
import type { Kernel } from "./versions.ts";

/** A file of an item. Written in method form: an item of any state is an {@link Item}. */
export interface Attribute<T, C> {
  /** Without its newline. Absent: write-only. */
  show?(state: T, context: C): string;
  /** Absent: read-only. Refuses by throwing an {@link Errno}. */
  store?(state: T, text: string, context: C, caller?: Caller): void | Promise<void>;
  /** Whether this kernel has the file. */
  when?(kernel: Kernel): boolean;
}

export type Attributes<T, C> = Readonly<Record<string, Attribute<T, C>>>;

/** What a directory of configfs does: the counterpart of a config_item_type. */
export interface ItemType<T extends object, C> {
  attributes?: Attributes<T, C>;
  /** Makes the state of a new child. */
  make?(state: T, name: string, context: C): Item<object, C>;
  /** After a child is gone from the tree. */
  drop?(state: T, child: object, context: C): void | Promise<void>;
  allowLink?(state: T, target: object, context: C, caller?: Caller): void | Promise<void>;
  dropLink?(state: T, target: object, context: C): void | Promise<void>;
}

/** What every item's context can say. */
interface WithKernel {
  kernel: Kernel;
  /** To the kernel's log: the detail of a refusal. */
  say(text: string): void;
}

interface ItemLink<C> {
  to: string;
  target: Item<object, C>;
}

/** Every attribute says this size, whatever it holds. */
const attributeSize = 4096;
/** One write takes at most a page less one byte; the rest is cut off, and what is left is stored. */
const longestWrite = 4095;

/** A directory of configfs with its state. Rules: fs/configfs/dir.c, file.c, symlink.c. */
export class Item<T extends object, C> implements Directory {
  readonly kind = "directory";
  readonly state: T;
  readonly path: string;
  readonly #type: ItemType<T, C>;
  readonly #context: C & WithKernel;
  readonly #groups: ReadonlyMap<string, Item<object, C>>;
  readonly #children = new Map<string, Item<object, C>>();
  readonly #links = new Map<string, ItemLink<C>>();
  /** Texts that are shown as they were found, until something else is stored. */
  readonly #found = new Map<string, string>();
  #linkedBy = 0;
  #gone = false;

  /** `path` counts from the configfs root: nvmet/hosts/<nqn>. `groups` are there as long as the item is. */
  constructor(
    path: string,
    type: ItemType<T, C>,
    state: T,
    context: C & WithKernel,
    groups: readonly Item<object, C>[] = [],
  ) {
    this.path = path;
    this.state = state;
    this.#type = type;
    this.#context = context;
    this.#groups = new Map(groups.map((group) => [group.path.slice(group.path.lastIndexOf("/") + 1), group]));
  }

  list(): string[] {
    const files = new Set([...this.#attributeNames(), ...this.#found.keys()]);
    return [...files, ...this.#groups.keys(), ...this.#children.keys(), ...this.#links.keys()];
  }

  get(name: string): Entry | undefined {
    const item = this.#groups.get(name) ?? this.#children.get(name);
    if (item !== undefined) return item;
    const link = this.#links.get(name);
    if (link !== undefined) return { kind: "link", to: link.to };
    const found = this.#found.get(name);
    return found === undefined ? this.#attribute(name) : this.#asFound(name, found);
  }

  /** Shows what was found on the node that this one is a model of, until something is stored there. */
  restoreText(name: string, text: string): void {
    this.#found.set(name, text);
  }

  /** A link that was found, with its consequences in the state already. */
  restoreLink(name: string, target: Item<object, C>): void {
    target.#linkedBy++;
    this.#links.set(name, { to: this.#wayTo(target), target });
  }

  make(name: string): void {
    if (this.get(name) !== undefined) throw new Errno("EEXIST");
    if (this.#type.make === undefined) throw new Errno("EPERM");
    try {
      this.#children.set(name, this.#type.make(this.state, name, this.#context));
    } catch (error) {
      throw this.#complain(error);
    }
  }

  async remove(name: string): Promise<void> {
    if (this.#groups.has(name)) throw new Errno("EPERM");
    const child = this.#children.get(name);
    if (child === undefined) throw new Errno(this.get(name) === undefined ? "ENOENT" : "ENOTDIR");
    if (child.#linkedBy > 0) throw new Errno("EBUSY");
    if (child.#isOccupied()) throw new Errno("ENOTEMPTY");
    this.#children.delete(name);
    child.#leave();
    await this.#type.drop?.(this.state, child.state, this.#context);
  }

  /** What the target's path names must be a directory of configfs. */
  async link(name: string, _to: string, resolve: () => Entry, caller?: Caller): Promise<void> {
    if (this.get(name) !== undefined) throw new Errno("EEXIST");
    if (this.#type.allowLink === undefined) throw new Errno("EPERM");
    const target = resolve();
    if (target.kind !== "directory") throw new Errno("ENOTDIR");
    if (!(target instanceof Item)) throw new Errno("EPERM");
    const item: Item<object, C> = target;
    try {
      await this.#type.allowLink(this.state, item.state, this.#context, caller);
    } catch (error) {
      throw this.#complain(error);
    }
    item.#linkedBy++;
    this.#links.set(name, { to: this.#wayTo(item), target: item });
  }

  async unlink(name: string): Promise<void> {
    const link = this.#links.get(name);
    if (link === undefined) throw new Errno(this.get(name) === undefined ? "ENOENT" : "EPERM");
    this.#links.delete(name);
    link.target.#linkedBy--;
    await this.#type.dropLink?.(this.state, link.target.state, this.#context);
  }

  replace(): void {
    // The file beside it: with O_CREAT the VFS asks configfs for a new file, which it never makes.
    throw new Errno("EACCES");
  }

  /** Whoever has a file of it open finds nothing there any more. */
  #leave(): void {
    this.#gone = true;
    for (const group of this.#groups.values()) group.#leave();
  }

  #isOccupied(): boolean {
    return (
      this.#children.size > 0 || this.#links.size > 0 || [...this.#groups.values()].some((each) => each.#isOccupied())
    );
  }

  /** What is refused with a detail goes to the kernel's log. */
  #complain(error: unknown): unknown {
    if (error instanceof Errno && !(error instanceof ShortWrite) && error.message !== error.code) {
      this.#context.say(error.message);
    }
    return error;
  }

  #wayTo(target: Item<object, C>): string {
    return `${"../".repeat(this.path.split("/").length)}${target.path}`;
  }

  /** What this kernel's rules say of a store still holds; a file that the model does not know takes everything. */
  #asFound(name: string, text: string): File {
    const known = this.#attribute(name);
    const write = async (stored: string, caller?: Caller) => {
      if (known === undefined) return void this.#found.set(name, stored.replace(/\n$/, ""));
      await known.write?.(stored, caller);
      this.#found.delete(name);
    };
    const writable = known === undefined || known.write !== undefined;
    return { kind: "file", size: attributeSize, read: () => `${text}\n`, ...(writable && { write }) };
  }

  #attributeNames(): string[] {
    const has = ([, { when }]: [string, Attribute<T, C>]) => when === undefined || when(this.#context.kernel);
    return Object.entries(this.#type.attributes ?? {})
      .filter(has)
      .map(([name]) => name);
  }

  #attribute(name: string): File | undefined {
    if (!this.#attributeNames().includes(name)) return undefined;
    const attribute = this.#type.attributes?.[name];
    if (attribute === undefined) return undefined;
    return { kind: "file", size: attributeSize, ...this.#access(attribute), open: () => this.#open(attribute) };
  }

  #access({ show, store }: Attribute<T, C>): Handle {
    const { state } = this;
    const context = this.#context;
    return {
      ...(show && { read: () => `${show(state, context)}\n` }),
      ...(store && {
        write: async (text: string, caller?: Caller) => {
          const stored = Buffer.from(text).subarray(0, longestWrite).toString();
          if (text === "") return zeroWrite(context.kernel);
          try {
            await store(state, stored, context, caller);
          } catch (error) {
            throw this.#complain(error);
          }
          if (stored !== text) throw new ShortWrite(longestWrite);
        },
      }),
    };
  }

  /** One open file: what was read once is read again until something is written through the same one (fs/configfs/file.c). */
  #open(attribute: Attribute<T, C>): Handle {
    const { read, write } = this.#access(attribute);
    let filled: string | undefined;
    const insist = () => {
      if (this.#gone) throw new Errno("ENOENT");
    };
    return {
      ...(read && {
        read: () => {
          insist();
          filled ??= read();
          return filled;
        },
      }),
      ...(write && {
        write: async (text: string, caller?: Caller) => {
          insist();
          filled = undefined;
          await write(text, caller);
        },
      }),
    };
  }
}

function zeroWrite(kernel: Kernel): void {
  if (kernel.does.zeroWriteFaults) throw new Errno("EFAULT");
}
