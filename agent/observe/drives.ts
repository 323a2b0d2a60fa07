import { resolve } from "node:path/posix";
import type { System } from "../system/system.ts";
import { blockClass, nodeOf, nvmeControllersOf } from "./block.ts";
import { identityOf, sizeOf } from "./device.ts";
import type { Drive } from "./observed.ts";
import { eachThere, ifReadable, ifThere, listIfThere, readAttribute } from "./tolerant.ts";

const byIdRoot = "/dev/disk/by-id";

/** Whole disks of this machine. What goes while it is read is left out. */
export async function observeDrives(system: System): Promise<Drive[]> {
  const [names, links] = await Promise.all([listIfThere(system, blockClass), readById(system)]);
  const drives = await eachThere(names, async (name): Promise<Drive | undefined> => {
    if (!(await isLocalDisk(system, name))) return undefined;
    const [size, identity, readOnly] = await Promise.all([
      sizeOf(system, name),
      identityOf(system, name),
      readAttribute(system, `${blockClass}/${name}/ro`),
    ]);
    // A card reader without a card has no size.
    if (size === 0) return undefined;
    const path = nodeOf(name);
    return { name, path, byId: links.get(path) ?? [], ...identity, size, readOnly: readOnly === "1" };
  });
  return drives.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** A disk on hardware of this machine: no partition, loop, RAM disk, dm or md, no optical drive, and not reached over a network. */
async function isLocalDisk(system: System, name: string): Promise<boolean> {
  if (/^(sr|fd)\d+$/.test(name)) return false;
  const real = await ifThere(system.realpath(`${blockClass}/${name}`));
  if (real === undefined || !isHardware(real)) return false;
  const [partition, hidden] = await Promise.all(
    ["partition", "hidden"].map((file) => readAttribute(system, `${blockClass}/${name}/${file}`)),
  );
  if (partition !== undefined || hidden === "1") return false;
  if (!name.startsWith("nvme")) return true;
  // A drive with two ports has its disk below the subsystem, as a fabrics one has: only the transport tells them apart.
  const controllers = await nvmeControllersOf(system, real);
  const transports = await Promise.all(controllers.map((each) => readAttribute(system, `${each}/transport`)));
  return transports.length > 0 && transports.every((transport) => transport === "pcie");
}

/** By its place in sysfs: virtual devices have none on a bus; iSCSI sessions and Fibre Channel's remote ports are in the path. */
export function isHardware(real: string): boolean {
  return !/^\/sys\/devices\/virtual\/block\/|\/session\d+\/|\/rport-[\d:-]+\//.test(real);
}

/** Links of udev by the node that they lead to, absolute and sorted. */
async function readById(system: System): Promise<Map<string, string[]>> {
  const links = new Map<string, string[]>();
  const read = await eachThere(await listIfThere(system, byIdRoot), async (name) => {
    const target = await ifReadable(system.readlink(`${byIdRoot}/${name}`));
    return target === undefined ? undefined : { link: `${byIdRoot}/${name}`, node: resolve(byIdRoot, target) };
  });
  for (const { link, node } of read) links.set(node, [...(links.get(node) ?? []), link].sort());
  return links;
}
