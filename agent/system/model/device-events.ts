import type { Drive } from "./drives.ts";
import type { Events, Uevent } from "./events.ts";
import { genericName } from "./host/uevents.ts";
import { pciHome } from "./sysfs/sysfs.ts";
import type { Kernel } from "./versions.ts";

/*
 * What devices say that are not the initiator's: local drives, and disks without hardware.
 */

export function tellVirtualDisk(events: Events, name: string): void {
  const properties = { DEVNAME: name, DEVTYPE: "disk" };
  events.tell({ action: "add", devpath: `/devices/virtual/block/${name}`, subsystem: "block", properties });
}

/** A drive comes with its controller and its subsystem, in this order; it goes the other way round. */
export function tellDrive(events: Events, { does }: Kernel, drive: Drive, action: "add" | "remove"): void {
  const home = `/${pciHome(drive)}`;
  const of = (subsystem: string, devpath: string, properties: Uevent["properties"]): Uevent => ({
    action,
    devpath,
    subsystem,
    properties,
  });
  const generic = genericName(drive.name);
  const told = [
    of("nvme", home, { DEVNAME: drive.controller, ...(does.eventsTellTransport && { NVME_TRTYPE: "pcie" }) }),
    of("nvme-subsystem", `/devices/virtual/nvme-subsystem/nvme-subsys${drive.instance}`, {}),
    of("block", `${home}/${drive.name}`, { DEVNAME: drive.name, DEVTYPE: "disk" }),
    ...(does.genericDevices ? [of("nvme-generic", `${home}/${generic}`, { DEVNAME: generic })] : []),
  ];
  // The subsystem goes when its last controller has gone.
  const [controller, subsystem, ...disks] = told;
  const order = action === "add" ? told : [...disks.reverse(), controller, subsystem];
  for (const uevent of order) if (uevent !== undefined) events.tell(uevent);
}
