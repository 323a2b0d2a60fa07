import type { System } from "../system/system.ts";
import { parseMountinfo } from "./mountinfo.ts";
import { commOf } from "./open-files.ts";
import { ifReadable, listIfThere } from "./tolerant.ts";
import { readUseTables } from "./use-tables.ts";

/** Links of a process to what it stands on. */
const standing = ["cwd", "root", "exe"] as const;

/**
 * Who keeps a mount point from being unmounted, in words that people can act on: processes, mounts below it, loop devices,
 * swap and exports of files on it. What cannot be read is left out: this is for people, who know by then that it is busy.
 */
export async function mountHolders(system: System, at: string): Promise<string[]> {
  const isBelow = (path: string | undefined) => path !== undefined && (path === at || path.startsWith(`${at}/`));
  const [processes, tables, mountinfo] = await Promise.all([
    processesBelow(system, isBelow),
    readUseTables(system),
    ifReadable(system.read("/proc/self/mountinfo")),
  ]);
  const rows = <T>(table: { rows: T[] } | { unreadable: string }) => ("rows" in table ? table.rows : []);
  return [
    ...processes,
    ...parseMountinfo(mountinfo ?? "")
      .filter((mount) => mount.at !== at && isBelow(mount.at))
      .map((mount) => `${mount.at} is mounted below it`),
    ...rows(tables.loops)
      .filter(({ on }) => isBelow(on))
      .map(({ name, on }) => `${name} lies on ${on}`),
    ...rows(tables.swaps)
      .filter(isBelow)
      .map((path) => `${path} is used for swap`),
    ...rows(tables.exported)
      .filter(({ real, written }) => isBelow(real ?? written))
      .map(({ written, nqn, nsid }) => `${written} is exported as namespace ${nsid ?? "?"} of ${nqn}`),
  ];
}

async function processesBelow(system: System, isBelow: (path: string | undefined) => boolean): Promise<string[]> {
  const pids = (await listIfThere(system, "/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const descriptors = ((await ifReadable(system.list(`/proc/${pid}/fd`))) ?? []).map((each) => `fd/${each}`);
      for (const link of [...standing, ...descriptors]) {
        const path = await ifReadable(system.readlink(`/proc/${pid}/${link}`));
        if (!isBelow(path)) continue;
        const what =
          link === "cwd" ? "works in" : link === "root" ? "has its root at" : link === "exe" ? "runs" : "has";
        return `process ${pid} (${await commOf(system, pid)}) ${what} ${path}${link.startsWith("fd/") ? " open" : ""}`;
      }
      return undefined;
    }),
  );
  return found.filter((each) => each !== undefined);
}
