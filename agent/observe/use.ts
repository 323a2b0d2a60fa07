import { hasErrno, type System, SystemError } from "../system/system.ts";
import { type ResolvedDevice, resolveDevice } from "./device.ts";
import type { ExportedDevice } from "./exported-devices.ts";
import type { Use } from "./observed.ts";
import { commOf, type OpenFiles } from "./open-files.ts";
import { type Members, membersOf } from "./use-members.ts";
import { readUseTables, type Table, type UseTables } from "./use-tables.ts";

export interface UseOptions {
  /** A namespace that may name the device: the one that is about to be enabled. */
  except?: { nqn: string; nsid: number };
}

/**
 * Why a block device or a file is in use, itself, by its partitions, or by what lies on them; empty where it is free. What
 * cannot be read counts as in use.
 * @throws SystemError ENOENT where there is no such device.
 */
export async function deviceUse(system: System, device: string, options: UseOptions = {}): Promise<Use[]> {
  return useOf(system, await readUseTables(system), device, options);
}

/** As {@link deviceUse}, with tables that serve for many devices. */
export async function useOf(
  system: System,
  tables: UseTables,
  device: string,
  options: UseOptions = {},
): Promise<Use[]> {
  let resolved: ResolvedDevice;
  try {
    resolved = await resolveDevice(system, device);
  } catch (error) {
    if (hasErrno(error, "ENXIO", "EACCES", "EPERM", "ETIMEDOUT"))
      return [unreadable(device, "what it is", error.errno)];
    throw error;
  }
  const found = await membersOrErrno(system, resolved, "rows" in tables.loops ? tables.loops.rows : []);
  if ("unreadable" in found) return [unreadable(resolved.path, "what lies on it", found.unreadable)];
  const { members, uses, disk, controllers } = found.rows;
  const devices = [...members.map(({ path }) => path), ...(disk === undefined ? [] : [disk])];
  const solid = [
    ...uses,
    ...read(tables.loops, resolved.path, "loop devices", () => []),
    ...read(tables.mounts, resolved.path, "mounts", (mounts) =>
      members.flatMap((member) =>
        mounts
          .filter(({ device: number, source }) => number === member.number || source === member.path)
          .map(({ at }): Use => ({ device: member.path, by: "mount", says: `mounted at ${at}` })),
      ),
    ),
    ...read(tables.swaps, resolved.path, "swap", (swaps) =>
      members
        .filter(({ path }) => swaps.includes(path))
        .map(({ path }): Use => ({ device: path, by: "swap", says: "used for swap" })),
    ),
  ];
  return [
    ...solid,
    ...(resolved.kind === "block" ? await exclusiveUse(system, resolved.path, solid) : []),
    ...(await openUse(system, tables.open, resolved.path, devices)),
    ...read(tables.exported, resolved.path, "nvmet's namespaces", (exported) =>
      exported.flatMap((each) => exportUse(each, device, resolved.path, [...devices, ...controllers], options)),
    ),
  ];
}

async function membersOrErrno(
  system: System,
  device: ResolvedDevice,
  loops: readonly { name: string; on: string }[],
): Promise<Table<Members>> {
  try {
    return { rows: await membersOf(system, device, loops) };
  } catch (error) {
    if (error instanceof SystemError) return { unreadable: error.errno };
    throw error;
  }
}

function read<T>(table: Table<T>, device: string, what: string, uses: (rows: T) => Use[]): Use[] {
  return "rows" in table ? uses(table.rows) : [unreadable(device, what, table.unreadable)];
}

function unreadable(device: string, what: string, errno: string): Use {
  return { device, by: "unreadable", says: `perhaps in use: ${what} cannot be read (${errno})` };
}

function notOpened(device: string, errno: string): Use {
  return { device, by: "unreadable", says: `perhaps in use: it cannot be opened (${errno})` };
}

/** A mount, a holder or swap that is known already explains EBUSY; without one it is the only sign there is. */
async function exclusiveUse(system: System, path: string, known: readonly Use[]): Promise<Use[]> {
  try {
    await system.openExclusive(path);
    return [];
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.errno !== "EBUSY") return [notOpened(path, error.errno)];
    if (known.some(({ by }) => by !== "unreadable")) return [];
    const says =
      "held exclusively: mounted in another mount namespace (a container), or claimed by a program or kernel driver";
    return [{ device: path, by: "exclusive", says }];
  }
}

async function openUse(
  system: System,
  open: Table<OpenFiles>,
  device: string,
  devices: readonly string[],
): Promise<Use[]> {
  if ("unreadable" in open) return [unreadable(device, "open files", open.unreadable)];
  const { files, hidden } = open.rows;
  const uses = files
    .filter(({ path }) => devices.includes(path))
    .map(async ({ path, pid }): Promise<Use> => {
      return { device: path, by: "process", says: `open in process ${pid} (${await commOf(system, pid)})` };
    });
  return [...(await Promise.all(uses)), ...hiddenProcesses(device, hidden)];
}

function hiddenProcesses(device: string, hidden: readonly { pid: number; comm: string; errno: string }[]): Use[] {
  const [first] = hidden;
  if (first === undefined) return [];
  const others = hidden.length === 1 ? "" : ` and ${hidden.length - 1} more`;
  return [unreadable(device, `open files of process ${first.pid} (${first.comm})${others}`, first.errno)];
}

function exportUse(
  { written, real, unresolved, nqn, nsid, enabled }: ExportedDevice,
  asked: string,
  path: string,
  everything: readonly string[],
  { except }: UseOptions,
): Use[] {
  if (nsid !== undefined && except?.nqn === nqn && except.nsid === nsid) return [];
  const state = enabled ? "enabled" : "disabled";
  const what = nsid === undefined ? `passed through by subsystem ${nqn}` : `namespace ${nsid} of subsystem ${nqn}`;
  if (unresolved !== undefined && written !== asked) return [unreadable(path, `${written}, ${what},`, unresolved)];
  if (!everything.includes(real ?? written) && written !== asked) return [];
  const use: Use = { device: real ?? path, by: "namespace", says: `exported as ${what} (${state})` };
  return [nsid === undefined ? { ...use, says: `${what} (${state})` } : { ...use, namespace: { nqn, nsid, enabled } }];
}
