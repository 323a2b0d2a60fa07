import { posix } from "node:path";
import { type InterfaceAddress, type Stat, type System, SystemError } from "../../agent/system/system.ts";

/** A file's text; or what else lies at a path. `errno`: what opening, listing or reading it is answered with. */
export type FixtureEntry =
  | string
  | { link: string }
  | { directory: true }
  | { device: "block" | "char"; exclusive?: string; text?: string }
  | { errno: string };

/** Entries by absolute path; the folders on the way are there by themselves. */
export type FixtureTree = Readonly<Record<string, FixtureEntry>>;

interface Options {
  addresses?: InterfaceAddress[];
  hostname?: string;
  /** Called before every access, with the path as it was asked for: things vanish while they are read. */
  before?: (path: string, remove: (below: string) => void) => void;
}

/** A system to be observed: it can be read and never changes by itself. Give a path of /sys through its real place. */
export function fixtureSystem(tree: FixtureTree, options: Options = {}): System {
  const entries = new Map(Object.entries(tree));
  const remove = (below: string) => {
    for (const path of entries.keys()) if (path === below || path.startsWith(`${below}/`)) entries.delete(path);
  };

  function entryAt(path: string): FixtureEntry | undefined {
    if (path === "/") return { directory: true };
    const entry = entries.get(path);
    if (entry !== undefined) return entry;
    for (const each of entries.keys()) if (each.startsWith(`${path}/`)) return { directory: true };
    return undefined;
  }

  function resolve(path: string, doing: string, followLast = true): string {
    let done = "/";
    const rest = path.split("/").filter((part) => part !== "");
    for (let hops = 0; ; ) {
      const part = rest.shift();
      if (part === undefined) return done;
      const next = posix.join(done, part);
      const entry = entryAt(next);
      if (entry === undefined) throw new SystemError("ENOENT", path, doing);
      if (typeof entry === "object" && "link" in entry && (rest.length > 0 || followLast)) {
        if (++hops > 40) throw new SystemError("ELOOP", path, doing);
        rest.unshift(
          ...posix
            .resolve(done, entry.link)
            .split("/")
            .filter((each) => each !== ""),
        );
        done = "/";
      } else done = next;
    }
  }

  function open(path: string, doing: string, followLast = true): { at: string; entry: FixtureEntry } {
    options.before?.(path, remove);
    const at = resolve(path, doing, followLast);
    const entry = entryAt(at) ?? { errno: "ENOENT" };
    if (typeof entry === "object" && "errno" in entry && doing !== "stat")
      throw new SystemError(entry.errno, path, doing);
    return { at, entry };
  }

  const refuse = async () => {
    throw new SystemError("ENOSYS", "", "use");
  };

  return {
    read: async (path) => {
      const { entry } = open(path, "read");
      if (typeof entry === "string") return entry;
      if ("device" in entry && entry.text !== undefined) return entry.text;
      throw new SystemError("directory" in entry ? "EISDIR" : "EINVAL", path, "read");
    },
    list: async (path) => {
      const { at, entry } = open(path, "list");
      if (typeof entry === "string" || !("directory" in entry)) throw new SystemError("ENOTDIR", path, "list");
      const start = at === "/" ? "/" : `${at}/`;
      const names = [...entries.keys()].flatMap((each) =>
        each.startsWith(start) ? [each.slice(start.length).split("/", 1)[0] ?? ""] : [],
      );
      return [...new Set(names)].sort();
    },
    readlink: async (path) => {
      const { entry } = open(path, "readlink", false);
      if (typeof entry === "object" && "link" in entry) return entry.link;
      throw new SystemError("EINVAL", path, "readlink");
    },
    realpath: async (path) => open(path, "resolve").at,
    stat: async (path): Promise<Stat> => {
      const { entry } = open(path, "stat", false);
      const access = { mode: 0o644, uid: 0, gid: 0 };
      if (typeof entry === "string") return { kind: "file", size: Buffer.byteLength(entry), ...access };
      if ("link" in entry) return { kind: "link", size: 0, ...access };
      if ("device" in entry) return { kind: entry.device, size: 0, ...access };
      return { kind: "directory" in entry ? "directory" : "file", size: 0, ...access };
    },
    openExclusive: async (path) => {
      const { entry } = open(path, "open");
      if (typeof entry === "object" && "device" in entry && entry.exclusive !== undefined)
        throw new SystemError(entry.exclusive, path, "open");
    },
    do: refuse,
    exec: () => {
      throw new SystemError("ENOENT", "", "run");
    },
    dial: refuse,
    addresses: async () => options.addresses ?? [],
    hostname: async () => options.hostname ?? "node1",
    changes: async function* () {},
  };
}
