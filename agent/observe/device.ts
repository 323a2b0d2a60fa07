import { type System, SystemError } from "../system/system.ts";
import { blockClass, diskOfPartition, kernelNameOf } from "./block.ts";
import type { Drive } from "./observed.ts";
import { readAttribute } from "./tolerant.ts";

/** What a device is, whatever it is called today. */
export interface Identity {
  /** "" where the device has none. */
  wwid: string;
  serial: string;
  /** Bytes. */
  size: number;
}

export type ResolvedDevice = Identity & { model: string } & (
    | { kind: "file"; path: string }
    /** `path` with every link resolved, the kernel's name, and `259:1`. A partition has the wwid and serial of its disk. */
    | { kind: "block"; path: string; name: string; number: string; disk: string }
  );

/** sysfs counts in sectors of 512 bytes, whatever the block size. */
const sector = 512;

/**
 * What a path leads to, through links of udev and others.
 * @throws SystemError ENOENT where nothing is there, ENOTBLK where it is neither a block device nor a file, ENXIO where sysfs
 * does not know the device node.
 */
export async function resolveDevice(system: System, path: string): Promise<ResolvedDevice> {
  const real = await system.realpath(path);
  const { kind, size } = await system.stat(real);
  if (kind === "file") return { kind, path: real, wwid: "", serial: "", model: "", size };
  if (kind !== "block") throw new SystemError("ENOTBLK", path, "use", { detail: `it is a ${kind}` });
  const name = await kernelNameOf(system, real);
  if (name === undefined)
    throw new SystemError("ENXIO", path, "use", { detail: `sysfs has no block device for ${real}` });
  const disk = (await diskOfPartition(system, name)) ?? name;
  const [number, identity, bytes] = await Promise.all([
    readAttribute(system, `${blockClass}/${name}/dev`),
    identityOf(system, disk),
    sizeOf(system, name),
  ]);
  return { kind, path: real, name, number: number ?? "", disk, size: bytes, ...identity };
}

/** Bytes; 0 for a device without a medium. */
export async function sizeOf(system: System, name: string): Promise<number> {
  return Number((await readAttribute(system, `${blockClass}/${name}/size`)) ?? 0) * sector;
}

/** Of a whole device: where NVMe, SCSI, virtio, device mapper and md keep what they are. An NVMe disk has all in one place. */
export async function identityOf(
  system: System,
  name: string,
): Promise<{ wwid: string; serial: string; model: string }> {
  const first = (...files: string[]) =>
    firstOf(
      system,
      files.map((file) => `${blockClass}/${name}/${file}`),
    );
  if (/^nvme\d+n\d+$/.test(name)) {
    const [wwid, serial, model] = await Promise.all([first("wwid"), first("device/serial"), first("device/model")]);
    return { wwid, serial, model };
  }
  const [wwid, serial, page, model] = await Promise.all([
    first("wwid", "device/wwid", "dm/uuid", "md/uuid"),
    first("serial", "device/serial"),
    readAttribute(system, `${blockClass}/${name}/device/vpd_pg80`),
    first("device/model", "dm/name"),
  ]);
  return { wwid, serial: serial === "" ? serialInPage(page ?? "") : serial, model };
}

async function firstOf(system: System, paths: readonly string[]): Promise<string> {
  const values = await Promise.all(paths.map((path) => readAttribute(system, path)));
  return values.map((value) => value?.trim() ?? "").find((value) => value !== "") ?? "";
}

/** SCSI's unit serial number page (SPC-4, 7.8.18): a header of four bytes, then ASCII. */
export function serialInPage(page: string): string {
  return page
    .slice(4)
    .replace(/[^\x20-\x7e]/g, "")
    .trim();
}

/** The drives that are this one, under whatever name they have now: by wwid where there is one, else by serial and size. */
export function drivesLike(drives: readonly Drive[], { wwid, serial, size }: Identity): Drive[] {
  return drives.filter((drive) =>
    wwid !== ""
      ? drive.wwid === wwid && drive.size === size
      : serial !== "" && drive.serial === serial && drive.size === size,
  );
}
