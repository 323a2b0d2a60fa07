import type { Stat } from "../system.ts";
import type { Backing } from "./backing.ts";
import { Errno } from "./errno.ts";
import { accessOf } from "./files/access.ts";
import type { Entry } from "./files/entry.ts";
import { walk } from "./files/walk.ts";
import type { Machine } from "./machine.ts";

/*
 * What a system looks at without changing anything. All throw an {@link Errno}.
 */

export function readWhole(machine: Machine, path: string): string {
  const entry = followed(machine, path);
  if (entry.kind === "directory") throw new Errno("EISDIR");
  if (entry.kind === "link" || entry.read === undefined) throw new Errno("EACCES");
  return entry.read();
}

/** Sorted. */
export function namesIn(machine: Machine, path: string): string[] {
  const entry = followed(machine, path);
  if (entry.kind !== "directory") throw new Errno("ENOTDIR");
  return [...entry.list()].sort();
}

export function linkAt({ root }: Machine, path: string): string {
  const { entry } = walk(root, path, false);
  if (entry.kind !== "link") throw new Errno("EINVAL");
  return entry.to;
}

export function statOf({ root }: Machine, path: string): Stat {
  const { entry } = walk(root, path, false);
  return { kind: entry.kind, size: entry.kind === "file" ? (entry.size ?? 4096) : 0, ...accessOf(entry) };
}

export function assertExclusive(machine: Machine, path: string): void {
  const entry = followed(machine, path);
  if (entry.kind === "block") machine.uses.assertExclusive(entry.name);
}

/** A disk that has so many bytes. */
export function diskUpTo(machine: Machine, name: string, end: number): Backing {
  const disk = machine.openBlock(name);
  if (end > disk.size()) throw new Errno("ENOSPC");
  return disk;
}

/** As `nvme get-log -i 0x70` of a fabrics controller. */
export async function discoveryLogOf({ initiator }: Machine, controller: string): Promise<Uint8Array> {
  const found = [...initiator.controllers.values()].find(({ name }) => name === controller);
  if (found === undefined) throw new Errno("ENOENT");
  if (found.session === undefined) throw new Errno("EIO");
  return found.session.readLog();
}

function followed({ root }: Machine, path: string): Entry {
  return walk(root, path, true).entry;
}
