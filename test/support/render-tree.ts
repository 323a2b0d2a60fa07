import { hasErrno, type System } from "../../agent/system/system.ts";

const roots = ["/sys/kernel/config/nvmet", "/sys/class/nvme", "/sys/class/nvme-subsystem", "/sys/block"];

/** Everything below nvmet's configfs, and the names of controllers, subsystems and disks: one line for each thing. */
export async function renderTree(system: System): Promise<string[]> {
  const [configfs = "", ...classes] = roots;
  const names = await Promise.all(
    classes.map(async (path) => (await listOf(system, path)).map((name) => `${path}/${name}`)),
  );
  return [...(await renderBelow(system, configfs)), ...names.flat()];
}

async function listOf(system: System, path: string): Promise<string[]> {
  try {
    return await system.list(path);
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return [];
    throw error;
  }
}

async function renderBelow(system: System, path: string): Promise<string[]> {
  const lines = await Promise.all(
    (await listOf(system, path)).map(async (name) => {
      const at = `${path}/${name}`;
      const { kind } = await system.stat(at);
      if (kind === "directory") return [`${at}/`, ...(await renderBelow(system, at))];
      if (kind === "link") return [`${at} -> ${await system.readlink(at)}`];
      return [`${at} = ${(await readable(system, at)).trim()}`];
    }),
  );
  return lines.flat();
}

async function readable(system: System, path: string): Promise<string> {
  try {
    return await system.read(path);
  } catch (error) {
    if (hasErrno(error, "EACCES")) return "(write only)";
    throw error;
  }
}
