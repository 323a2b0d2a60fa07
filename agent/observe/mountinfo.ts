export interface Mount {
  /** `259:1`; `0:45` for filesystems without a device of their own (btrfs among them). */
  device: string;
  /** The directory of the file system that is mounted; another one than `/` for bind mounts. */
  root: string;
  at: string;
  /** Of this mount: rw,nosuid,relatime. */
  options: string;
  type: string;
  source: string;
}

/** /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function parseMountinfo(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    const [, , device, root, at, options] = before?.split(" ") ?? [];
    const [type, source] = after?.split(" ") ?? [];
    if (device === undefined || root === undefined || at === undefined || options === undefined) return [];
    if (type === undefined || source === undefined) return [];
    return [{ device, root: unescapeOctal(root), at: unescapeOctal(at), options, type, source: unescapeOctal(source) }];
  });
}

/** Paths in /proc/swaps (proc_swaps(5)), its headline left out. */
export function parseSwaps(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const path = line.split(/\s+/, 1)[0];
    return path?.startsWith("/") ? [unescapeOctal(path)] : [];
  });
}

/** The kernel writes a space, tab, newline or backslash in a path as `\\040` (seq_path). */
export function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
