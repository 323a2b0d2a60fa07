import { Errno } from "../errno.ts";
import type { Access, Entry } from "./entry.ts";

/** Who may do what with something: as it was given, or as the kernel makes what it shows of itself. */
export function accessOf(entry: Entry): Access {
  if ("access" in entry && entry.access !== undefined) return entry.access;
  return { mode: modeOf(entry), uid: 0, gid: 0 };
}

/** To be changed. EPERM for what the kernel shows of itself, as in /proc. */
export function ownAccess(entry: Entry): Access {
  if (!("access" in entry) || entry.access === undefined) throw new Errno("EPERM");
  return entry.access;
}

function modeOf(entry: Entry): number {
  if (entry.kind === "directory") return 0o755;
  if (entry.kind === "link") return 0o777;
  if (entry.kind !== "file") return 0o660;
  return (entry.read === undefined ? 0 : 0o444) | (entry.write === undefined ? 0 : 0o200);
}
