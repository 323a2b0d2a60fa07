import type { PageIo } from "../backing.ts";
import { Errno } from "../errno.ts";
import type { Head, Path } from "./subsystem.ts";

const usable = ["optimized", "non-optimized"];

/** Reads and writes through a disk's best live path; without one it fails, as with fast_io_fail_tmo, rather than wait. */
export function headIo(head: Head): PageIo {
  return {
    read: async (offset, length) => (await sessionOf(head)).read(head.nsid, offset, length),
    write: async (offset, bytes) => (await sessionOf(head)).write(head.nsid, offset, bytes),
  };
}

async function sessionOf({ paths }: Head) {
  const best = [...paths.values()]
    .filter((path) => path.controller.session !== undefined && rank(path) >= 0)
    .sort((one, other) => rank(one) - rank(other))[0];
  const session = best?.controller.session;
  if (session === undefined) throw new Errno("EIO");
  return session;
}

function rank({ view }: Path): number {
  return usable.indexOf(view.anaState);
}
