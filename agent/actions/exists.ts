import { hasErrno, type System } from "../system/system.ts";

/** Whether a path leads to something, links followed. */
export async function exists(system: System, path: string): Promise<boolean> {
  try {
    await system.realpath(path);
    return true;
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}
