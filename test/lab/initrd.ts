import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type ArchiveEntry, cpioArchive } from "./cpio.ts";
import { hostBytes, hostCommand } from "./host-command.ts";
import type { Kernel } from "./kernel.ts";
import { findProgram } from "./requirements.ts";

/** What a machine needs before it has its root. */
const MODULES = ["virtio_pci", "9p", "9pnet_virtio", "overlay"];
const FOLDERS = ["bin", "dev", "host", "lab", "layer", "modules", "newroot", "proc", "sys"];
const WITHIN = 60_000;

/** The initial ram disk for a kernel: its path in the cache, built where it is not there. */
export async function buildInitrd(kernel: Kernel, cache: string): Promise<string> {
  const init = await readFile(new URL("guest/init.sh", import.meta.url));
  const busybox = await readFile(findProgram("busybox"));
  const recipe = await readFile(new URL(import.meta.url));
  const digest = createHash("sha256").update(init).update(busybox).update(recipe).digest("hex").slice(0, 12);
  const folder = join(cache, "initrd");
  const path = join(folder, `${kernel.version}-${digest}.cpio`);
  if (existsSync(path)) return path;

  const modules = await Promise.all((await inLoadOrder(kernel)).map(uncompressed));
  const entries: ArchiveEntry[] = [
    ...FOLDERS.map((name) => ({ path: name, mode: 0o040755 })),
    { path: "dev/console", mode: 0o020600, device: [5, 1] },
    { path: "bin/busybox", mode: 0o100755, content: busybox },
    { path: "init", mode: 0o100755, content: init },
    ...modules.map(({ name, content }, index) => ({
      path: `modules/${String(index).padStart(2, "0")}-${name}`,
      mode: 0o100644,
      content,
    })),
  ];
  await mkdir(folder, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, cpioArchive(entries));
  await rename(unfinished, path);
  return path;
}

/** Paths of the modules and of all that they need, each after what it needs; what is built in is left out. */
async function inLoadOrder(kernel: Kernel): Promise<string[]> {
  const paths = new Set<string>();
  for (const name of MODULES) {
    const argv = ["-S", kernel.version, "-d", kernel.directory, "--show-depends", name] as const;
    const shown = await hostCommand([findProgram("modprobe"), ...argv], { within: WITHIN });
    for (const [, path] of shown.matchAll(/^insmod (\S.*\.ko(?:\.xz)?)/gm)) if (path !== undefined) paths.add(path);
  }
  return [...paths];
}

/** Module files are compressed or not, by kernel; busybox's insmod takes them uncompressed. */
async function uncompressed(path: string): Promise<{ name: string; content: Uint8Array }> {
  const name = basename(path, ".xz");
  if (!path.endsWith(".xz")) return { name, content: await readFile(path) };
  return { name, content: await hostBytes([findProgram("xz"), "-dc", path], { within: WITHIN }) };
}
