import { Errno } from "../errno.ts";
import type { Directory, Entry } from "./entry.ts";

/** Linux gives up after forty links (MAXSYMLINKS). */
const mostLinks = 40;
const longestName = 255;

export interface Found {
  readonly entry: Entry;
  /** Without links on the way. */
  readonly path: string;
}

/**
 * What a path names, as the kernel walks it. With `follow` a link at the end is followed too. Throws ENOENT, ENOTDIR,
 * ELOOP, ENAMETOOLONG.
 */
export function walk(root: Directory, path: string, follow: boolean): Found {
  const names: string[] = [];
  const entries: Entry[] = [];
  let links = 0;
  let rest = path;
  for (;;) {
    const next = firstOf(rest);
    if (next === undefined) break;
    const { name } = next;
    rest = next.rest;
    const here: Entry = entries.at(-1) ?? root;
    if (here.kind !== "directory") throw new Errno("ENOTDIR");
    if (name === ".") continue;
    if (name === "..") {
      names.pop();
      entries.pop();
      continue;
    }
    if (isTooLong(name)) throw new Errno("ENAMETOOLONG");
    const entry = here.get(name);
    if (entry === undefined) throw new Errno("ENOENT");
    if (entry.kind === "link" && (follow || firstOf(rest) !== undefined)) {
      if (++links > mostLinks) throw new Errno("ELOOP");
      if (entry.to.startsWith("/")) names.length = entries.length = 0;
      rest = `${entry.to}/${rest}`;
      continue;
    }
    names.push(name);
    entries.push(entry);
  }
  return {
    entry: entries.at(-1) ?? root,
    get path() {
      return `/${names.join("/")}`;
    },
  };
}

/** The first name of a path, and the path behind it; undefined where there is none. */
function firstOf(path: string): { name: string; rest: string } | undefined {
  let start = 0;
  while (path[start] === "/") start++;
  if (start === path.length) return undefined;
  const end = path.indexOf("/", start);
  return end < 0 ? { name: path.slice(start), rest: "" } : { name: path.slice(start, end), rest: path.slice(end + 1) };
}

/** The directory in which a path's last name lies, and that name. */
export function walkToParent(root: Directory, path: string): { parent: Directory; name: string } {
  const names = path.split("/").filter(Boolean);
  const name = names.pop();
  if (name === undefined) throw new Errno("EBUSY");
  if (isTooLong(name)) throw new Errno("ENAMETOOLONG");
  const { entry } = walk(root, `/${names.join("/")}`, true);
  if (entry.kind !== "directory") throw new Errno("ENOTDIR");
  return { parent: entry, name };
}

/** No character takes more than three bytes of UTF-8 for each of its code units. */
function isTooLong(name: string): boolean {
  return name.length > longestName / 3 && Buffer.byteLength(name) > longestName;
}
