import { basename, dirname, resolve } from "node:path/posix";
import type { System } from "../system/system.ts";
import { blockClass, nodeOf, nvmeControllersOf } from "./block.ts";
import { identityOf, sizeOf } from "./device.ts";
import type { Chosen } from "./focus.ts";
import type { Drive } from "./observed.ts";
import { eachThere, ifReadable, ifThere, listIfThere, readAttribute } from "./tolerant.ts";

const byIdRoot = "/dev/disk/by-id";

/** Whole disks of this machine, with these links to them. What goes while it is read is left out. */
export async function observeDrives(system: System, links: Chosen | Promise<Chosen> = "all"): Promise<Drive[]> {
  const [drives, byId] = await Promise.all([observeDisks(system), readById(system, links)]);
  return drives
    .map((drive) => ({ ...drive, byId: byId.get(drive.path) ?? [] }))
    .toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

async function observeDisks(system: System): Promise<Omit<Drive, "byId">[]> {
  const names = await listIfThere(system, blockClass);
  return eachThere(names, async (name) => {
    const place = await placeOf(system, name);
    if (place === undefined || !(await isLocalDisk(system, name, place, names))) return undefined;
    const [size, identity, readOnly] = await Promise.all([
      sizeOf(system, name),
      identityOf(system, name),
      readAttribute(system, `${blockClass}/${name}/ro`),
    ]);
    // A card reader without a card has no size.
    return size === 0 ? undefined : { name, path: nodeOf(name), ...identity, size, readOnly: readOnly === "1" };
  });
}

/** Where a block device lies below /sys/devices. */
async function placeOf(system: System, name: string): Promise<string | undefined> {
  const link = await ifThere(system.readlink(`${blockClass}/${name}`));
  return link === undefined ? undefined : resolve(blockClass, link);
}

/** A disk on hardware of this machine: no partition, loop, RAM disk, dm or md, no optical drive, and not reached over a network. */
async function isLocalDisk(system: System, name: string, place: string, all: readonly string[]): Promise<boolean> {
  if (/^(sr|fd)\d+$/.test(name) || !isHardware(place)) return false;
  // A partition lies in its disk, and nothing else lies in a block device.
  if (all.includes(basename(dirname(place)))) return false;
  if (!name.startsWith("nvme")) return (await readAttribute(system, `${blockClass}/${name}/hidden`)) !== "1";
  // nvme0c1n1 is the hidden disk of one path.
  if (!/^nvme\d+n\d+$/.test(name)) return false;
  // A drive with two ports has its disk below the subsystem, as a fabrics one has: only the transport tells them apart.
  const controllers = await nvmeControllersOf(system, place);
  const transports = await Promise.all(controllers.map((each) => readAttribute(system, `${each}/transport`)));
  return transports.length > 0 && transports.every((transport) => transport === "pcie");
}

/** By its place in sysfs: virtual devices have none on a bus; iSCSI sessions and Fibre Channel's remote ports are in the path. */
export function isHardware(real: string): boolean {
  return !/^\/sys\/devices\/virtual\/block\/|^\/sys\/devices\/virtual\/nvme-fabrics\/|\/session\d+\/|\/rport-[\d:-]+\//.test(
    real,
  );
}

/** Links of udev by the node that they lead to, absolute and sorted. */
async function readById(system: System, links: Chosen | Promise<Chosen>): Promise<Map<string, string[]>> {
  const chosen = await links;
  const wanted =
    chosen === "all"
      ? (await listIfThere(system, byIdRoot)).map((name) => `${byIdRoot}/${name}`)
      : [...chosen].filter((path) => path.startsWith(`${byIdRoot}/`));
  const byId = new Map<string, string[]>();
  const read = await eachThere(wanted, async (link) => {
    const target = await ifReadable(system.readlink(link));
    return target === undefined ? undefined : { link, node: resolve(byIdRoot, target) };
  });
  for (const { link, node } of read) byId.set(node, [...(byId.get(node) ?? []), link].sort());
  return byId;
}
