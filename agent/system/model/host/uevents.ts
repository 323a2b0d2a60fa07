import type { Uevent } from "../events.ts";
import type { Kernel } from "../versions.ts";
import type { HostController } from "./controller.ts";
import type { Initiator } from "./initiator.ts";
import type { Head, HostSubsystem } from "./subsystem.ts";

/*
 * What the initiator's parts say when they come, change and go, by kernel version, in the kernel's order.
 */

type Properties = Readonly<Record<string, string>>;

function tell(initiator: Initiator, action: Uevent["action"], devpath: string, subsystem: string, properties = {}) {
  initiator.machine.events.tell({ action, devpath, subsystem, properties });
}

function homeOf({ name }: HostController): string {
  return `/devices/virtual/nvme-fabrics/ctl/${name}`;
}

function homeOfSubsystem({ instance }: HostSubsystem): string {
  return `/devices/virtual/nvme-subsystem/nvme-subsys${instance}`;
}

/** nvme_class_uevent: where the controller goes to. */
export function wayOf({ settings }: HostController, { does }: Kernel): Properties {
  if (!does.eventsTellTransport) return {};
  return {
    NVME_TRTYPE: settings.transport,
    NVME_TRADDR: settings.traddr,
    NVME_TRSVCID: settings.trsvcid,
    NVME_HOST_TRADDR: settings.hostTraddr ?? "none",
    ...(does.optionIface && { NVME_HOST_IFACE: settings.hostIface ?? "none" }),
  };
}

/** Of a controller; `extra` says what changed: NVME_EVENT, NVME_AEN. */
export function tellController(
  initiator: Initiator,
  controller: HostController,
  action: Uevent["action"],
  extra: Properties = {},
): void {
  const properties = { ...extra, DEVNAME: controller.name, ...wayOf(controller, initiator.kernel) };
  tell(initiator, action, homeOf(controller), "nvme", properties);
}

export function tellSubsystem(initiator: Initiator, subsystem: HostSubsystem, action: "add" | "remove"): void {
  tell(initiator, action, homeOfSubsystem(subsystem), "nvme-subsystem");
}

/** The temperature sensor of a controller that has one. */
export function tellSensor(initiator: Initiator, controller: HostController, action: "add" | "remove"): void {
  const { sensor } = controller;
  if (sensor !== undefined) tell(initiator, action, `${homeOf(controller)}/hwmon${sensor}`, "hwmon");
}

/** Of the disk that people use: the one over all paths, or without multipath the one of this controller. */
export function tellDisk(
  initiator: Initiator,
  { subsystem, head, controller }: { subsystem: HostSubsystem; head: Head; controller: HostController },
  action: Uevent["action"],
): void {
  const home = subsystem.multipath ? homeOfSubsystem(subsystem) : homeOf(controller);
  const name = subsystem.multipath ? subsystem.nameOf(head) : subsystem.pathName(head, controller);
  const block = () =>
    tell(initiator, action, `${home}/${name}`, "block", {
      ...(action === "change" && { RESIZE: "1" }),
      DEVNAME: name,
      DEVTYPE: "disk",
    });
  const generic = () => {
    if (!initiator.kernel.does.genericDevices) return;
    const DEVNAME = genericName(name);
    tell(initiator, action, `${home}/${DEVNAME}`, "nvme-generic", { DEVNAME });
  };
  const order = { add: [block, generic], remove: [generic, block], change: [block] }[action];
  for (const each of order) each();
}

/** A path's hidden disk never says that it comes; before 5.4 it does say that it goes. */
export function tellHiddenGone(
  initiator: Initiator,
  subsystem: HostSubsystem,
  head: Head,
  controller: HostController,
): void {
  if (!subsystem.multipath || initiator.kernel.does.hiddenDisksSilent) return;
  tell(initiator, "remove", `${homeOf(controller)}/${subsystem.pathName(head, controller)}`, "block", {
    DEVTYPE: "disk",
  });
}

/** nvme0n1 is ng0n1 as a character device. */
export function genericName(disk: string): string {
  return disk.replace(/^nvme/, "ng");
}
