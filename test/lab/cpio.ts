/** A file of an initial ram disk. */
export interface ArchiveEntry {
  /** Without a leading slash. */
  path: string;
  /** With the type bits, as in stat(2): 0o100755 is a program. */
  mode: number;
  content?: Uint8Array;
  /** Major and minor number of a device. */
  device?: readonly [number, number];
}

/**
 * An archive in the kernel's "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst). The same entries
 * always give the same bytes: owner root, no times. Folders come before what lies in them.
 */
export function cpioArchive(entries: readonly ArchiveEntry[]): Uint8Array {
  const parts = entries.flatMap((entry, index) => record(entry, index + 1));
  return Buffer.concat([...parts, ...record({ path: "TRAILER!!!", mode: 0 }, 0)]);
}

function record(
  { path, mode, content = new Uint8Array(), device: [major, minor] = [0, 0] }: ArchiveEntry,
  inode: number,
): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const links = 1;
  const fields = [inode, mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
