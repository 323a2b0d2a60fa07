import { resolve } from "node:path/posix";
import type { System } from "../../system/system.ts";
import { unescapeOctal } from "../mountinfo.ts";
import { eachThere, ifReadable, listIfThere } from "../tolerant.ts";

/** One file system that lies on a device or comes over the network. */
export interface MountedAt {
  mount: string;
  device: string;
  fstype: string;
  options: string;
  uuid?: string;
}

/** Where udev keeps the names of file systems by their uuid. */
export const byUuid = "/dev/disk/by-uuid";
/** Hosts of containers have a mount for each volume of each: beyond these the order would become large. */
const mostMounts = 256;

/** /proc/mounts (proc_pid_mounts(5)), as Ansible shows it: without the kernel's own file systems. */
export async function observeMounts(system: System): Promise<MountedAt[]> {
  const text = (await ifReadable(system.read("/proc/mounts"))) ?? "";
  const rows = text
    .split("\n")
    .map((line) => line.split(" ").map(unescapeOctal))
    .filter(([device = "", , fstype]) => (device.startsWith("/") || device.includes(":/")) && fstype !== "none")
    .slice(0, mostMounts);
  if (rows.length === 0) return [];
  const uuids = await uuidsOf(system);
  return eachThere(rows, async ([device = "", mount = "", fstype = "", options = ""]) => {
    const real = uuids.size > 0 && device.startsWith("/dev/") ? await ifReadable(system.realpath(device)) : undefined;
    const uuid = uuids.get(real ?? device);
    return { mount, device, fstype, options, ...(uuid === undefined ? {} : { uuid }) };
  });
}

/** By the device's path. */
async function uuidsOf(system: System): Promise<Map<string, string>> {
  const names = await listIfThere(system, byUuid);
  const pairs = await eachThere(names, async (uuid): Promise<[string, string] | undefined> => {
    const to = await ifReadable(system.readlink(`${byUuid}/${uuid}`));
    return to === undefined ? undefined : [resolve(byUuid, to), uuid];
  });
  return new Map(pairs);
}
