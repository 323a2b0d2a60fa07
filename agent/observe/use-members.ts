import { basename } from "node:path/posix";
import type { System } from "../system/system.ts";
import { blockClass, holdersOf, nodeOf, nvmeControllersOf, partitionsOf, titleOf } from "./block.ts";
import type { ResolvedDevice } from "./device.ts";
import type { Use } from "./observed.ts";
import { ifThere, readAttribute } from "./tolerant.ts";

/** The device itself or something that lies on it. */
export interface Member {
  path: string;
  /** `259:1`; undefined for a file. */
  number: string | undefined;
}

export interface Members {
  members: Member[];
  /** Holders and loop devices, in the order in which they lie on each other. */
  uses: Use[];
  /** The disk that the device is a partition of: open or exported, so is the device. */
  disk: string | undefined;
  /** NVMe controllers of the disk, /dev/nvme0: passed through, so is the disk. */
  controllers: string[];
}

/** The device, its partitions, and all that lies on these, to the top. */
export async function membersOf(
  system: System,
  device: ResolvedDevice,
  loops: readonly { name: string; on: string }[],
): Promise<Members> {
  const members: Member[] = [];
  const uses: Use[] = [];
  const visited = new Set<string>();
  const add = async (path: string, name: string | undefined): Promise<void> => {
    if (visited.has(path)) return;
    visited.add(path);
    const [number, parts, holders] =
      name === undefined
        ? [undefined, [], []]
        : await Promise.all([
            readAttribute(system, `${blockClass}/${name}/dev`),
            partitionsOf(system, name),
            holdersOf(system, name),
          ]);
    members.push({ path, number });
    for (const part of parts) await add(nodeOf(part), part);
    const loop = loops.filter(({ on }) => on === path).map(({ name: each }) => each);
    for (const holder of [...holders, ...loop]) {
      uses.push({ device: path, by: "holder", says: `held by ${await titleOf(system, holder)}` });
      await add(nodeOf(holder), holder);
    }
  };
  await add(device.path, device.kind === "block" ? device.name : undefined);
  return { members, uses, ...(await aboveOf(system, device)) };
}

async function aboveOf(system: System, device: ResolvedDevice): Promise<Pick<Members, "disk" | "controllers">> {
  if (device.kind === "file") return { disk: undefined, controllers: [] };
  const real = await ifThere(system.realpath(`${blockClass}/${device.disk}`));
  const controllers = real === undefined ? [] : await nvmeControllersOf(system, real);
  return {
    disk: device.disk === device.name ? undefined : nodeOf(device.disk),
    controllers: controllers.map((path) => nodeOf(basename(path))),
  };
}
