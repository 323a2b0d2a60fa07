import type { Backing } from "./backing.ts";
import type { Handle } from "./files/entry.ts";
import type { Uses } from "./uses.ts";

interface Disks {
  uses: Uses;
  /** Throws ENOENT. */
  openBlock(name: string): Backing;
}

/** A disk as a process has it open, and keeps it when it goes. Reading ends where the disk ends, which may be at once. */
export function openDisk(disks: Disks, name: string): Handle {
  const disk = disks.openBlock(name);
  const close = disks.uses.openOnce(name);
  return {
    readAt: async (offset, length) => {
      const there = Math.max(0, Math.min(length, disk.size() - offset));
      return there === 0 ? new Uint8Array() : disk.io.read(offset, there);
    },
    close,
  };
}
