import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MachineOptions } from "./machine-options.ts";
import { shellQuote } from "./programs.ts";
import { type Drive, deviceOf, managementMac } from "./qemu.ts";

/** The host's loopback, from a machine. */
export const hostAddress = "10.0.2.2";

const GUEST = fileURLToPath(new URL("guest", import.meta.url));
/** What a new machine does not have, though the host may. */
const HIDDEN = ["/etc/nvme", "/var/lib/flashfleet"];

/** A drive with the file behind it, made where none is named. */
export async function withImage(drive: Drive, directory: string): Promise<Required<Drive>> {
  const { image = join(directory, `drive-${drive.serial}`), shared = false } = drive;
  if (drive.image === undefined) await writeFile(image, "");
  if (drive.image === undefined) await truncate(image, drive.size);
  return { ...drive, image, shared };
}

/** What guest/init.sh and guest/setup.sh read, as assignments of a shell. */
export function machineEnvironment(options: MachineOptions, uuid: string, drives: readonly Drive[]): string {
  const { name, kernel, links = [], shares = [] } = options;
  const addresses = [
    `${managementMac} 10.0.2.15/24 ${hostAddress}`,
    ...links.map(({ mac, address }) => `${mac} ${address}`),
  ];
  const settings = {
    LAB_NAME: name,
    LAB_MACHINE_ID: uuid.replaceAll("-", ""),
    LAB_MODULES: join(kernel.directory, "lib/modules"),
    LAB_GUEST: GUEST,
    LAB_HIDDEN: HIDDEN.join(" "),
    LAB_ADDRESSES: addresses.join("\n"),
    LAB_SERIALS: drives.map(({ serial }) => serial).join(" "),
    LAB_SHARES: shares.map(({ guest }, index) => `${deviceOf.share(index)} ${guest}`).join("\n"),
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${shellQuote(value)}\n`)
    .join("");
}
