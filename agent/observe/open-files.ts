import { hasErrno, type System } from "../system/system.ts";
import { ifReadable, ifThere } from "./tolerant.ts";

export interface OpenFile {
  pid: number;
  /** As the kernel resolved it when it was opened. */
  path: string;
}

export interface OpenFiles {
  files: OpenFile[];
  /** Processes whose open files this one may not see. */
  hidden: { pid: number; comm: string; errno: string }[];
}

/** What every process but this one has open. Processes come and go while it is read. */
export async function readOpenFiles(system: System): Promise<OpenFiles> {
  const [names, own] = await Promise.all([system.list("/proc"), ifReadable(system.readlink("/proc/self"))]);
  const pids = names.filter((name) => /^\d+$/.test(name) && name !== own);
  const processes = await Promise.all(pids.map((pid) => readProcess(system, pid)));
  return { files: processes.flatMap(({ files }) => files), hidden: processes.flatMap(({ hidden }) => hidden) };
}

async function readProcess(system: System, pid: string): Promise<OpenFiles> {
  const directory = `/proc/${pid}/fd`;
  try {
    const descriptors = (await ifThere(system.list(directory))) ?? [];
    const targets = await Promise.all(descriptors.map((each) => ifThere(system.readlink(`${directory}/${each}`))));
    const paths = [...new Set(targets.filter((path) => path?.startsWith("/") === true))];
    return { files: paths.flatMap((path) => (path === undefined ? [] : [{ pid: Number(pid), path }])), hidden: [] };
  } catch (error) {
    if (!hasErrno(error, "EACCES", "EPERM", "ETIMEDOUT")) throw error;
    return { files: [], hidden: [{ pid: Number(pid), comm: await commOf(system, pid), errno: error.errno }] };
  }
}

/** The program's name, as `ps` shows it. */
export async function commOf(system: System, pid: string | number): Promise<string> {
  return (await ifReadable(system.read(`/proc/${pid}/comm`)))?.trimEnd() ?? "?";
}
