import { basename } from "node:path/posix";
import type { System } from "../system/system.ts";
import { kernelNameOf } from "./block.ts";
import { sizeOf } from "./device.ts";
import type { Chosen } from "./focus.ts";
import { eachThere, ifReadable } from "./tolerant.ts";

/** Drives are observed by themselves, under these names. */
const wholeDisk = /^(nvme\d+n\d+|[sv]d[a-z]+)$/;

/**
 * Bytes of what these paths lead to, by path, where that is a file, a partition, a logical volume or another block device
 * that is no drive. What is not there, or is of another kind, is left out.
 */
export async function observeSizes(system: System, paths: Exclude<Chosen, "all">): Promise<Map<string, number>> {
  const sizes = await eachThere([...paths], async (path): Promise<[string, number] | undefined> => {
    const real = await ifReadable(system.realpath(path));
    if (real === undefined || wholeDisk.test(basename(real))) return undefined;
    const stat = await ifReadable(system.stat(real));
    if (stat?.kind === "file") return [path, stat.size];
    const name = stat?.kind === "block" ? await kernelNameOf(system, real) : undefined;
    return name === undefined ? undefined : [path, await sizeOf(system, name)];
  });
  return new Map(sizes);
}
