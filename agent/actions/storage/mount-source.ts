import { FlashfleetError } from "../../../shared/errors.ts";
import { type ResolvedDevice, resolveDevice } from "../../observe/device.ts";
import { byUuid } from "../../observe/machine/mounts.ts";
import { remoteVolume } from "../../observe/remote.ts";
import { hasErrno, type System } from "../../system/system.ts";
import type { ActionContext } from "../action.ts";
import { followed } from "../files/look.ts";
import { look } from "../programs/look.ts";
import { readSignatures } from "./signatures.ts";
import { fromPackage } from "./tool.ts";

/** What a mount is of. */
export interface MountSource {
  /** As fstab gets it: a name that means the same after a reboot. */
  written: string;
  /** The block device behind it, where there is one now. */
  device: ResolvedDevice | undefined;
  /** Whether it comes over a network. */
  remote: boolean;
  /** Why `written` is another name than the one that was given. */
  says?: string;
}

const tagged = /^(UUID|LABEL|PARTUUID|PARTLABEL)="?([^"]+)"?$/;
/** Kernel names of NVMe disks and their partitions. */
const kernelName = /^\/dev\/nvme\d+n\d+(p\d+)?$/;
/** udev's names of NVMe disks. */
const lastingName = /^\/dev\/disk\/by-id\/nvme-/;

/** Whether a `src` names a device, so that without it nothing can be mounted. */
export function isDeviceName(src: string): boolean {
  return src.startsWith("/dev/") || tagged.test(src);
}

/**
 * What a `src` means on this node. A kernel name of an NVMe disk becomes the uuid of its file system, or else its name by id:
 * such names are given out anew at each boot and reconnect. Throws `device_absent` where that cannot be told.
 */
export async function resolveSource(src: string, context: ActionContext): Promise<MountSource> {
  const { system } = context;
  const [, tag, value] = tagged.exec(src) ?? [];
  if (tag !== undefined && value !== undefined) {
    const path = await findTagged(tag, value, context);
    return { written: src, ...(await lookedUp(path, system)) };
  }
  if (kernelName.test(src)) return lasting(src, context);
  if (!src.startsWith("/dev/")) return { written: src, device: undefined, remote: false };
  const found = await lookedUp(src, system);
  // One that is not there now comes with its target, as far as anybody can tell: a boot must not wait for it.
  return { written: src, ...found, remote: found.remote || (found.device === undefined && lastingName.test(src)) };
}

async function lookedUp(path: string | undefined, system: System): Promise<Pick<MountSource, "device" | "remote">> {
  const device = path === undefined ? undefined : await blockDevice(path, system);
  if (device?.kind !== "block") return { device: undefined, remote: false };
  return { device, remote: (await remoteVolume(system, device.name)) !== undefined };
}

async function blockDevice(path: string, system: System): Promise<ResolvedDevice | undefined> {
  try {
    return await resolveDevice(system, path);
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR", "ENOTBLK", "ENXIO")) return undefined;
    throw error;
  }
}

/** udev's link is as good as a look at all devices, some of which may not answer. */
async function findTagged(tag: string, value: string, context: ActionContext): Promise<string | undefined> {
  const link = tag === "UUID" ? await followed(context.system, `${byUuid}/${value}`) : undefined;
  if (link !== undefined) return link;
  const argv = ["blkid", "-c", "/dev/null", "-l", "-o", "device", "-t", `${tag}=${value}`] as const;
  const ran = await fromPackage("util-linux", look(argv, context));
  return ran.code === 0 ? ran.stdout.trim() || undefined : undefined;
}

async function lasting(src: string, context: ActionContext): Promise<MountSource> {
  const { system } = context;
  const device = await blockDevice(src, system);
  if (device?.kind !== "block") {
    throw new FlashfleetError("device_absent", `cannot use ${src}: it is not there`, {
      hint: "kernel names change between boots: give {{ connection.device }}, a name below /dev/disk/by-id, or UUID=",
    });
  }
  const remote = (await remoteVolume(system, device.name)) !== undefined;
  const signatures = await readSignatures(device, context);
  const uuid = signatures?.find((each) => each.uuid !== undefined)?.uuid;
  const byId = uuid === undefined ? await nameById(device, system) : undefined;
  const written = uuid === undefined ? byId : `UUID=${uuid}`;
  if (written === undefined) {
    throw new FlashfleetError("device_absent", `cannot use ${src}: it has no name that lasts beyond a reboot`, {
      hint: "make a file system on it first, with filesystem: its uuid is one",
    });
  }
  return { written, device, remote, says: `${src} is ${written} here: kernel names change between boots` };
}

/** A link of udev's to the device, the one by its uuid or wwid first. */
async function nameById(device: ResolvedDevice, system: System): Promise<string | undefined> {
  const names = await system.list("/dev/disk/by-id").catch(() => []);
  const links = names.map((name) => `/dev/disk/by-id/${name}`).filter((path) => lastingName.test(path));
  const targets = await Promise.all(links.map((path) => followed(system, path)));
  const own = links.filter((_, index) => targets[index] === device.path);
  return own.find((path) => /nvme-(uuid|eui|nguid)\./.test(path)) ?? own[0];
}
