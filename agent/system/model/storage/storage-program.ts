import type { Backing } from "../backing.ts";
import { Errno } from "../errno.ts";
import type { Machine } from "../machine.ts";

export interface ProgramResult {
  stdout?: string;
  stderr?: string;
  code: number;
}

/** A program that works on a machine's disks and mounts. */
export type StorageProgram = (args: readonly string[], machine: Machine) => Promise<ProgramResult>;

/** A program's own words for what the kernel refused; `code` as that program ends then. */
export async function explaining(
  name: string,
  code: number,
  work: () => Promise<ProgramResult>,
): Promise<ProgramResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    return { stderr: `${name}: ${error.message}\n`, code };
  }
}

/** A disk or a file, by path. Throws ENOENT and ENOTBLK. */
export function openPath(machine: Machine, path: string): Backing {
  const { entry } = machine.find(path);
  if (entry.kind !== "block" && entry.kind !== "file") throw new Errno("ENOTBLK");
  return machine.openBacking(path, false);
}

/** The kernel name of what a path leads to; undefined for what is no block device. */
export function diskNamed(machine: Machine, path: string): string | undefined {
  const { entry } = machine.find(path);
  return entry.kind === "block" ? entry.name : undefined;
}

/** Disks by kernel name. */
export function allDisks(machine: Machine): string[] {
  const remote = [...machine.initiator.subsystems].flatMap(({ disks }) => disks.map(({ name }) => name));
  return [
    ...[...machine.drives].map(({ name }) => name),
    ...[...machine.virtualDisks].map(({ name }) => name),
    ...remote,
  ];
}
