import { accessOf } from "./access.ts";
import type { Entry } from "./entry.ts";

/** What stat(2) says. */
export interface FileStatus {
  /** Type and permissions: 0o100644. */
  mode: number;
  /** Bytes. */
  size: number;
  uid: number;
  gid: number;
}

const types = { file: 0o100000, directory: 0o40000, link: 0o120000, block: 0o60000, char: 0o20000 } as const;

export function statusOf(entry: Entry): FileStatus {
  const { mode, uid, gid } = accessOf(entry);
  return { mode: types[entry.kind] | mode, size: sizeOf(entry), uid, gid };
}

function sizeOf(entry: Entry): number {
  if (entry.kind === "link") return entry.to.length;
  return entry.kind === "file" ? (entry.size ?? 4096) : 0;
}
