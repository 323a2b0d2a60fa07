import { readFile } from "node:fs/promises";
import { runProgram } from "./program.ts";

/** A process that can be recognised later, when its id may belong to another one. */
export interface ProcessIdentity {
  pid: number;
  /** When it began, in whatever form the system gives. */
  began: string;
}

/** The process with this id, or undefined where there is none. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const began = (await beganOnLinux(pid)) ?? (await beganElsewhere(pid));
  return began === undefined ? undefined : { pid, began };
}

/** Whether a process is still the one that it was. */
export async function isAlive({ pid, began }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.began === began;
}

/** The command line of a process; "" where there is none. */
export async function commandOf(pid: number): Promise<string> {
  if (process.platform !== "linux") return (await runProgram("ps", ["-o", "command=", "-p", String(pid)])).output;
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
}

/** Field 22 of /proc/<pid>/stat, behind the name in brackets, which may hold anything; a zombie is no process. */
async function beganOnLinux(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

async function beganElsewhere(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") return undefined;
  const { code, output } = await runProgram("ps", ["-o", "lstart=", "-p", String(pid)]);
  return code === 0 && output.trim() !== "" ? output.trim() : undefined;
}
