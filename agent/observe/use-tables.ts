import { type System, SystemError } from "../system/system.ts";
import { blockClass } from "./block.ts";
import { type ExportedDevice, readExportedDevices } from "./exported-devices.ts";
import { type Mount, parseMountinfo, parseSwaps } from "./mountinfo.ts";
import { type OpenFiles, readOpenFiles } from "./open-files.ts";
import { eachThere, ifReadable, ifThere, listIfThere } from "./tolerant.ts";

/** A table of the kernel's, or the errno that kept it from being read. */
export type Table<T> = { rows: T } | { unreadable: string };

/** Everything that may say that some device is in use, read once for any number of devices. Paths are resolved. */
export interface UseTables {
  mounts: Table<Mount[]>;
  swaps: Table<string[]>;
  open: Table<OpenFiles>;
  exported: Table<ExportedDevice[]>;
  /** Loop devices, with the file or device below. */
  loops: Table<{ name: string; on: string }[]>;
}

export async function readUseTables(system: System): Promise<UseTables> {
  const [mounts, swaps, open, exported, loops] = await Promise.all([
    table(readMounts(system)),
    table(readSwaps(system)),
    table(readOpenFiles(system)),
    table(readExportedDevices(system)),
    table(readLoops(system)),
  ]);
  return { mounts, swaps, open, exported, loops };
}

async function table<T>(rows: Promise<T>): Promise<Table<T>> {
  try {
    return { rows: await rows };
  } catch (error) {
    if (error instanceof SystemError) return { unreadable: error.errno };
    throw error;
  }
}

async function readMounts(system: System): Promise<Mount[]> {
  const mounts = parseMountinfo(await system.read("/proc/self/mountinfo"));
  return Promise.all(
    mounts.map(async (mount) =>
      mount.source.startsWith("/") ? { ...mount, source: await real(system, mount.source) } : mount,
    ),
  );
}

async function readSwaps(system: System): Promise<string[]> {
  // A kernel without swap has no such file.
  const paths = parseSwaps((await ifThere(system.read("/proc/swaps"))) ?? "");
  return Promise.all(paths.map((path) => real(system, path)));
}

async function readLoops(system: System): Promise<{ name: string; on: string }[]> {
  const names = (await listIfThere(system, blockClass)).filter((name) => /^loop\d+$/.test(name));
  return eachThere(names, async (name) => {
    const file = await ifReadable(system.read(`${blockClass}/${name}/loop/backing_file`));
    return file === undefined ? undefined : { name, on: file.replace(/\n$/, "") };
  });
}

/** A path that cannot be resolved is compared as it stands. */
async function real(system: System, path: string): Promise<string> {
  return (await ifReadable(system.realpath(path))) ?? path;
}
