import type { Backing } from "./backing.ts";
import type { Drive } from "./drives.ts";
import { Errno } from "./errno.ts";
import { type Device, type Directory, type Link, lazily, link } from "./files/entry.ts";
import type { HostController } from "./host/controller.ts";
import type { Initiator } from "./host/initiator.ts";
import { listOptions } from "./host/options.ts";
import { genericName } from "./host/uevents.ts";
import type { Modules } from "./modules.ts";
import { openDisk } from "./open-disk.ts";
import { partitionName } from "./partitions.ts";
import { wwidOf } from "./sysfs/blocks.ts";
import type { Uses } from "./uses.ts";
import type { VirtualDisk } from "./virtual-disks.ts";

/** What /dev of a node is made from. */
export interface DevSource {
  initiator: Initiator;
  modules: Modules;
  uses: Uses;
  /** Throws ENOENT. */
  openBlock(name: string): Backing;
  readonly drives: Iterable<Drive>;
  readonly virtualDisks: Iterable<VirtualDisk>;
}

function block(source: DevSource, name: string): Device {
  return { kind: "block", name, open: () => openDisk(source, name) };
}

function char(name: string): Device {
  return { kind: "char", name };
}

/** udev's names for a disk, by identity and by what is printed on it. */
function byId(model: string, serial: string, wwid: string): string[] {
  const printed = `${model.trim()}_${serial.trim()}`.replace(/[^\w#+.:=@-]+/g, "_");
  return [`nvme-${printed}`, `nvme-${wwid}`];
}

function disksById({ initiator, drives }: DevSource): Record<string, Link> {
  const links: Record<string, Link> = {};
  for (const { name, model, serial, wwid, partitions } of drives) {
    for (const id of byId(model, serial, wwid)) {
      links[id] = link(`../../${name}`);
      for (const each of partitions) links[`${id}-part${each.number}`] = link(`../../${partitionName(name, each)}`);
    }
  }
  for (const subsystem of initiator.subsystems) {
    for (const { name, head } of subsystem.disks) {
      const ids = byId(subsystem.model, subsystem.serial, wwidOf(head, subsystem));
      for (const id of ids) links[id] = link(`../../${name}`);
    }
  }
  return links;
}

/** /dev, with the links that udev makes. */
export function devDirectory(source: DevSource): Directory {
  const { initiator, modules } = source;
  return lazily(() => {
    const devices: Record<string, Device> = {};
    for (const { name, controller, partitions } of source.drives) {
      devices[controller] = char(controller);
      for (const each of [name, ...partitions.map((part) => partitionName(name, part))])
        devices[each] = block(source, each);
    }
    for (const { name } of source.virtualDisks) devices[name] = block(source, name);
    for (const { name } of initiator.controllers.values()) devices[name] = char(name);
    for (const subsystem of initiator.subsystems) {
      for (const { name } of subsystem.disks) devices[name] = block(source, name);
    }
    if (initiator.kernel.does.genericDevices) {
      const generic = Object.values(devices).filter(({ kind, name }) => kind === "block" && name.startsWith("nvme"));
      for (const { name } of generic) devices[genericName(name)] = char(genericName(name));
    }
    return {
      disk: lazily(() => ({ "by-id": lazily(() => disksById(source)) })),
      null: char("null"),
      ...(modules.isLoaded("nvme_fabrics") && { "nvme-fabrics": fabricsDevice(initiator) }),
      ...devices,
    };
  });
}

/** /dev/nvme-fabrics: one file makes one controller, and then tells which. */
function fabricsDevice(initiator: Initiator): Device {
  return {
    kind: "char",
    name: "nvme-fabrics",
    read: () => listOptions(initiator.kernel),
    write: async (line) => {
      await initiator.connect(line);
    },
    open: () => {
      let made: HostController | undefined;
      return {
        read: () =>
          made === undefined
            ? listOptions(initiator.kernel)
            : `instance=${made.instance},cntlid=${made.info?.cntlid ?? 0}\n`,
        write: async (line) => {
          if (made !== undefined) throw new Errno("EINVAL");
          made = await initiator.connect(line);
        },
      };
    },
  };
}
