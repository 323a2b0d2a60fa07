import { basename } from "node:path/posix";
import type { System } from "../system/system.ts";
import { blockClass, diskOfPartition, nvmeControllersOf } from "./block.ts";
import { isHardware } from "./drives.ts";
import { ifThere, listIfThere, readAttribute } from "./tolerant.ts";

/** What a block device comes from that is reached over a network. */
export interface RemoteVolume {
  /** Of the subsystem, where it is NVMe over Fabrics. */
  nqn: string | undefined;
}

/** Where a block device, or one that it lies on (LVM, multipath), comes over a network; undefined for a local one. */
export async function remoteVolume(system: System, name: string): Promise<RemoteVolume | undefined> {
  const disk = (await diskOfPartition(system, name)) ?? name;
  const real = await ifThere(system.realpath(`${blockClass}/${disk}`));
  if (real === undefined) return undefined;
  if (/^nvme\d+n\d+$/.test(basename(real))) return remoteNamespace(system, disk, real);
  for (const below of await listIfThere(system, `${real}/slaves`)) {
    const found = await remoteVolume(system, below);
    if (found !== undefined) return found;
  }
  // iSCSI and Fibre Channel; what has no hardware at all is a loop or RAM disk, or lies on others.
  return isHardware(real) || real.startsWith("/sys/devices/virtual/") ? undefined : { nqn: undefined };
}

async function remoteNamespace(system: System, disk: string, real: string): Promise<RemoteVolume | undefined> {
  const controllers = await nvmeControllersOf(system, real);
  const transports = await Promise.all(controllers.map((each) => readAttribute(system, `${each}/transport`)));
  const isLocal = transports.length > 0 && transports.every((transport) => transport === "pcie");
  if (isLocal) return undefined;
  // A disk that all its controllers have left has no transport any more, and was none of this machine's hardware.
  return { nqn: await readAttribute(system, `${blockClass}/${disk}/device/subsysnqn`) };
}
