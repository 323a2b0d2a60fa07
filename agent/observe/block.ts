import { basename, dirname } from "node:path/posix";
import type { System } from "../system/system.ts";
import { ifThere, listIfThere, readAttribute } from "./tolerant.ts";

/** Every block device, partitions among them, by kernel name. */
export const blockClass = "/sys/class/block";

/** The kernel's name of a device node, or undefined where sysfs knows none: cciss!c0d0 is /dev/cciss/c0d0. */
export async function kernelNameOf(system: System, realPath: string): Promise<string | undefined> {
  if (!realPath.startsWith("/dev/")) return undefined;
  const name = realPath.slice("/dev/".length).replaceAll("/", "!");
  if ((await readAttribute(system, `${blockClass}/${name}/dev`)) !== undefined) return name;
  // Without udev, libdevmapper makes nodes of its own instead of links to /dev/dm-0.
  return realPath.startsWith("/dev/mapper/") ? mapperName(system, basename(realPath)) : undefined;
}

async function mapperName(system: System, wanted: string): Promise<string | undefined> {
  const names = (await listIfThere(system, blockClass)).filter((name) => name.startsWith("dm-"));
  const titles = await Promise.all(names.map((name) => readAttribute(system, `${blockClass}/${name}/dm/name`)));
  return names[titles.indexOf(wanted)];
}

/** /dev/nvme0n1 of nvme0n1. */
export function nodeOf(name: string): string {
  return `/dev/${name.replaceAll("!", "/")}`;
}

/** nvme0n1p1 of nvme0n1, sda1 of sda. */
export async function partitionsOf(system: System, name: string): Promise<string[]> {
  const children = await listIfThere(system, `${blockClass}/${name}`);
  return children.filter((child) => child.startsWith(name) && /^p?\d+$/.test(child.slice(name.length)));
}

/** What lies directly on a device: dm-0, md127, bcache0. */
export async function holdersOf(system: System, name: string): Promise<string[]> {
  return listIfThere(system, `${blockClass}/${name}/holders`);
}

/** The disk that a partition is of; undefined for a whole disk. */
export async function diskOfPartition(system: System, name: string): Promise<string | undefined> {
  if ((await readAttribute(system, `${blockClass}/${name}/partition`)) === undefined) return undefined;
  const real = await ifThere(system.realpath(`${blockClass}/${name}`));
  return real === undefined ? undefined : basename(dirname(real));
}

/** The directories in sysfs of the NVMe controllers of a disk; none for other disks. `real` is the disk's own directory. */
export async function nvmeControllersOf(system: System, real: string): Promise<string[]> {
  if (!/^nvme\d+n\d+$/.test(basename(real))) return [];
  const parent = dirname(real);
  if (/^nvme\d+$/.test(basename(parent))) return [parent];
  // A multipath head lies below its subsystem, which links its controllers.
  const children = await listIfThere(system, parent);
  return children.filter((child) => /^nvme\d+$/.test(child)).map((child) => `${parent}/${child}`);
}

/** As people know it: dm-0 (vg-data), md127 (raid1), loop0. */
export async function titleOf(system: System, name: string): Promise<string> {
  const titles = await Promise.all(
    ["dm/name", "md/level"].map((file) => readAttribute(system, `${blockClass}/${name}/${file}`)),
  );
  const title = titles.find((each) => each !== undefined && each !== "");
  return title === undefined ? name : `${name} (${title})`;
}
