import { type System, SystemError } from "../../agent/system/system.ts";

export const nvmet = "/sys/kernel/config/nvmet";

/**
 * The absolute path of a row's path. Names that the kernel makes up are found: `@controller` is the first controller over
 * fabrics, `@subsystem` its subsystem, `@path` and `@disk` the first hidden path and the first usable disk over fabrics.
 * `@controller#1` is the second one in an order in which names play no part: see {@link rankedControllers}.
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
  const [, rank] = /^@controller#(\d+)$/.exec(place) ?? [];
  if (rank !== undefined) return (await rankedControllers(system))[Number(rank)];
  if (place === "@subsystem") return findSubsystem(system);
  const pattern = place === "@path" ? /^nvme\d+c\d+n\d+$/ : /^nvme\d+n\d+$/;
  for (const name of await system.list("/sys/block")) {
    if (pattern.test(name) && (await isVirtual(system, `/sys/block/${name}`))) return `/sys/block/${name}`;
  }
  return undefined;
}

/** Names of the controllers that came over fabrics: nvme3. */
export async function fabricsControllers(system: Pick<System, "list" | "realpath">): Promise<string[]> {
  const names = await namesIn(system, "/sys/class/nvme");
  const virtual = await Promise.all(names.map((name) => isVirtual(system, `/sys/class/nvme/${name}`)));
  return names.filter((_, index) => virtual[index]);
}

/**
 * The directories of all controllers over fabrics, in the order of what they are connected to, and as whom: their names
 * depend on when an earlier controller was let go. `address` is not looked at: reading it while the connection is lost can
 * crash the kernel (nvme_tcp_get_address with a socket that is gone; seen on 6.12).
 */
export async function rankedControllers(system: Pick<System, "list" | "read" | "realpath">): Promise<string[]> {
  const ranked: { at: string; rank: string }[] = [];
  for (const name of await fabricsControllers(system)) {
    const at = `/sys/class/nvme/${name}`;
    const parts: string[] = [];
    for (const file of ["subsysnqn", "hostnqn", "ctrl_loss_tmo", "state", "queue_count"]) {
      parts.push(await system.read(`${at}/${file}`).catch(() => ""));
    }
    ranked.push({ at, rank: parts.join("|") });
  }
  return ranked.sort((one, other) => (one.rank < other.rank ? -1 : 1)).map(({ at }) => at);
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
async function isVirtual(system: Pick<System, "realpath">, path: string): Promise<boolean> {
  const real = await system.realpath(path).catch(() => "");
  return real.startsWith("/sys/devices/virtual/");
}

/** None where the directory is missing: a class that no module has registered. */
export async function namesIn(system: Pick<System, "list">, path: string): Promise<string[]> {
  return system.list(path).catch((error: unknown) => {
    if (error instanceof SystemError && error.errno === "ENOENT") return [];
    throw error;
  });
}
