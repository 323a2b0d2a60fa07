import type { Deadline } from "../../../../shared/clock.ts";
import { SystemError } from "../../system.ts";
import { Errno } from "../errno.ts";
import type { Machine } from "../machine.ts";
import { within } from "../within.ts";
import { explaining, type ProgramResult } from "./storage-program.ts";

/** As strerror(3) has them, which dd prints. */
const words: Readonly<Record<string, string>> = {
  EIO: "Input/output error",
  ENOENT: "No such file or directory",
};

/**
 * Only what reads a disk into nothing, `if=`, `bs=` and `count=`. Ended at the deadline, it hangs on as a process that cannot be
 * killed, with the disk open, until its read ends.
 */
export async function dd(args: readonly string[], machine: Machine, deadline: Deadline): Promise<ProgramResult> {
  const operands = new Map(args.map((arg) => [arg.replace(/=.*$/, ""), arg.replace(/^[^=]*=/, "")]));
  const path = operands.get("if") ?? "";
  const block = Number(operands.get("bs") ?? 512);
  const wanted = block * Number(operands.get("count") ?? 1);
  const read = explaining("dd", 1, async () => {
    try {
      const length = await readStart(machine, path, wanted);
      const records = `${Math.floor(length / block)}+${length % block === 0 ? 0 : 1} records`;
      return { stderr: `${records} in\n${records} out\n${length} bytes copied, 0.001 s, 1 MB/s\n`, code: 0 };
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return { stderr: `dd: error reading '${path}': ${words[error.code] ?? error.code}\n`, code: 1 };
    }
  });
  return within(machine.clock, deadline, read, () => new SystemError("ETIMEDOUT", "dd", "run"));
}

async function readStart(machine: Machine, path: string, wanted: number): Promise<number> {
  const { entry } = machine.find(path);
  if (entry.kind !== "block") throw new Errno("EINVAL");
  const handle = entry.open?.();
  try {
    return (await handle?.readAt?.(0, wanted))?.length ?? 0;
  } finally {
    handle?.close?.();
  }
}
