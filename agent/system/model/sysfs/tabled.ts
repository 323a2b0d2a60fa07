import { type Directory, dynamic, type Entry } from "../files/entry.ts";

/** One name in a directory of sysfs, and whether it is there. */
export interface Row<T> {
  when?: (of: T) => boolean;
  make: (of: T) => Entry;
}

/** A directory by a table: who looks for one name makes one entry. `below` has what is not the same for all of its kind. */
export function tabled<T>(table: Readonly<Record<string, Row<T>>>, of: T, below?: Directory): Directory {
  const isThere = ({ when }: Row<T>) => when === undefined || when(of);
  const get = (name: string): Entry | undefined => {
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    return row !== undefined && isThere(row) ? row.make(of) : below?.get(name);
  };
  const names = function* () {
    for (const [name, row] of Object.entries(table)) if (isThere(row)) yield name;
    if (below !== undefined) yield* below.list();
  };
  return dynamic(names, get);
}
