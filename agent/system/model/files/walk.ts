import { Errno } from "../errno.ts";
import type { Directory, Entry } from "./entry.ts";

/** Linux gives up after forty links (MAXSYMLINKS). */
const mostLinks = 40;
const longestName = 255;

export interface Found {
  entry: Entry;
  /** Without links on the way. */
  path: string;
}

/**
 * What a path names, as the kernel walks it. With `follow` a link at the end is followed too. Throws ENOENT, ENOTDIR,
 * ELOOP, ENAMETOOLONG.
 */
export function walk(root: Directory, path: string, follow: boolean): Found {
  const pending = path.split("/").filter(Boolean).reverse();
  const trail: { name: string; entry: Entry }[] = [];
  let links = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const here: Entry = trail.at(-1)?.entry ?? root;
    if (here.kind !== "directory") throw new Errno("ENOTDIR");
    if (name === ".") continue;
    if (name === "..") {
      trail.pop();
      continue;
    }
    if (Buffer.byteLength(name) > longestName) throw new Errno("ENAMETOOLONG");
    const entry = here.get(name);
    if (entry === undefined) throw new Errno("ENOENT");
    if (entry.kind === "link" && (follow || pending.length > 0)) {
      if (++links > mostLinks) throw new Errno("ELOOP");
      if (entry.to.startsWith("/")) trail.length = 0;
      pending.push(...entry.to.split("/").filter(Boolean).reverse());
      continue;
    }
    trail.push({ name, entry });
  }
  return { entry: trail.at(-1)?.entry ?? root, path: `/${trail.map(({ name }) => name).join("/")}` };
}

/** The directory in which a path's last name lies, and that name. */
export function walkToParent(root: Directory, path: string): { parent: Directory; name: string } {
  const names = path.split("/").filter(Boolean);
  const name = names.pop();
  if (name === undefined) throw new Errno("EBUSY");
  if (Buffer.byteLength(name) > longestName) throw new Errno("ENAMETOOLONG");
  const { entry } = walk(root, `/${names.join("/")}`, true);
  if (entry.kind !== "directory") throw new Errno("ENOTDIR");
  return { parent: entry, name };
}
