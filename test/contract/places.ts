import { type System, SystemError } from "../../agent/system/system.ts";

export const nvmet = "/sys/kernel/config/nvmet";

/**
 * The absolute path of a row's path. Names that the kernel makes up are found: `@controller` is the first controller over
 * fabrics, `@subsystem` its subsystem, `@path` and `@disk` the first hidden path and the first usable disk over fabrics.
 * @throws {SystemError} ENOENT where there is none
 */
export async function resolvePlace(system: System, path: string): Promise<string> {
  if (path.startsWith("/")) return path;
  const [first = "", ...rest] = path.split("/");
  if (!first.startsWith("@")) return path === "" ? nvmet : `${nvmet}/${path}`;
  const found = await findPlace(system, first);
  if (found === undefined) throw new SystemError("ENOENT", path, "find");
  return [found, ...rest].join("/");
}

async function findPlace(system: System, place: string): Promise<string | undefined> {
  if (place === "@controller") {
    const [name] = await fabricsControllers(system);
    return name === undefined ? undefined : `/sys/class/nvme/${name}`;
  }
  if (place === "@subsystem") return findSubsystem(system);
  const pattern = place === "@path" ? /^nvme\d+c\d+n\d+$/ : /^nvme\d+n\d+$/;
  for (const name of await system.list("/sys/block")) {
    if (pattern.test(name) && (await isVirtual(system, `/sys/block/${name}`))) return `/sys/block/${name}`;
  }
  return undefined;
}

/** Names of the controllers that came over fabrics: nvme3. */
export async function fabricsControllers(system: System): Promise<string[]> {
  const names = await namesIn(system, "/sys/class/nvme");
  const virtual = await Promise.all(names.map((name) => isVirtual(system, `/sys/class/nvme/${name}`)));
  return names.filter((_, index) => virtual[index]);
}

async function findSubsystem(system: System): Promise<string | undefined> {
  const [controller = ""] = await fabricsControllers(system);
  for (const name of await namesIn(system, "/sys/class/nvme-subsystem")) {
    const at = `/sys/class/nvme-subsystem/${name}`;
    if ((await system.list(at)).includes(controller)) return at;
  }
  return undefined;
}

/** Devices over fabrics hang on no bus. */
async function isVirtual(system: System, path: string): Promise<boolean> {
  const real = await system.realpath(path).catch(() => "");
  return real.startsWith("/sys/devices/virtual/");
}

/** None where the directory is missing: a class that no module has registered. */
export async function namesIn(system: System, path: string): Promise<string[]> {
  return system.list(path).catch((error: unknown) => {
    if (error instanceof SystemError && error.errno === "ENOENT") return [];
    throw error;
  });
}
