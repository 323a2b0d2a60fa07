import type { Drive } from "../drives.ts";
import { type Directory, dynamic, fixed, lazily, line, link } from "../files/entry.ts";
import type { HostController } from "../host/controller.ts";
import type { Initiator } from "../host/initiator.ts";
import type { Network } from "../network.ts";
import { partitionName } from "../partitions.ts";
import type { Uses } from "../uses.ts";
import type { Kernel } from "../versions.ts";
import type { VirtualDisk } from "../virtual-disks.ts";
import { driveBlock, headBlock, pathBlock, virtualBlock } from "./blocks.ts";
import { fabricsController, pciController } from "./controllers.ts";
import type { FoundFiles } from "./found-files.ts";
import { driveSubsystemDirectory, subsystemDirectory } from "./subsystems.ts";

/** What the sysfs of a node is made from. */
export interface SysfsSource {
  kernel: Kernel;
  uses: Uses;
  initiator: Initiator;
  found: FoundFiles;
  network: Network;
  readonly drives: Iterable<Drive>;
  readonly virtualDisks: Iterable<VirtualDisk>;
}

const controllerHome = "devices/virtual/nvme-fabrics/ctl";
const subsystemHome = "devices/virtual/nvme-subsystem";
const virtualHome = "devices/virtual/block";

/** Of a local drive's controller, below /sys. */
export function pciHome(drive: Drive): string {
  return `devices/pci0000:00/${drive.pciAddress}/nvme/${drive.controller}`;
}

/** Where each block device lies below /sys, by kernel name. */
function blockHomes({ initiator, drives, virtualDisks }: SysfsSource): Map<string, string> {
  const homes = new Map<string, string>();
  for (const { name } of virtualDisks) homes.set(name, `${virtualHome}/${name}`);
  for (const drive of drives) {
    const home = `${pciHome(drive)}/${drive.name}`;
    homes.set(drive.name, home);
    for (const each of drive.partitions) {
      const name = partitionName(drive.name, each);
      homes.set(name, `${home}/${name}`);
    }
  }
  for (const subsystem of initiator.subsystems) {
    for (const head of subsystem.heads) {
      const name = subsystem.nameOf(head);
      const hasDisk = subsystem.multipath && head.isUnreached !== true;
      if (hasDisk) homes.set(name, `${subsystemHome}/nvme-subsys${subsystem.instance}/${name}`);
      for (const { controller } of head.paths.values()) {
        const path = subsystem.pathName(head, controller);
        homes.set(path, `${controllerHome}/${controller.name}/${path}`);
      }
    }
  }
  return homes;
}

function linksTo(homes: () => Map<string, string>, up: string): Directory {
  return dynamic(
    () => homes().keys(),
    (name) => {
      const home = homes().get(name);
      return home === undefined ? undefined : link(`${up}${home}`);
    },
  );
}

function controllerHomes({ initiator, drives }: SysfsSource): Map<string, string> {
  const homes = new Map<string, string>();
  for (const drive of drives) homes.set(drive.controller, pciHome(drive));
  for (const { name } of initiator.controllers.values()) homes.set(name, `${controllerHome}/${name}`);
  return homes;
}

function subsystemHomes({ initiator, drives }: SysfsSource): Map<string, string> {
  const instances = [
    ...[...drives].map(({ instance }) => instance),
    ...[...initiator.subsystems].map(({ instance }) => instance),
  ];
  return new Map(instances.map((instance) => [`nvme-subsys${instance}`, `${subsystemHome}/nvme-subsys${instance}`]));
}

/** /sys/class, /sys/block and /sys/devices. */
export function sysfsEntries(source: SysfsSource): { block: Directory; class: Directory; devices: Directory } {
  return {
    block: linksTo(() => blockHomes(source), "../"),
    class: fixed({
      block: linksTo(() => blockHomes(source), "../../"),
      ...(source.network.rdma ? { infiniband: fixed({ rxe0: fixed({}) }) } : {}),
      net: interfaces(source),
      nvme: linksTo(() => controllerHomes(source), "../../"),
      "nvme-subsystem": linksTo(() => subsystemHomes(source), "../../"),
    }),
    devices: lazily(() => ({
      "pci0000:00": pciDevices(source),
      virtual: lazily(() => ({
        block: virtualBlocks(source),
        "nvme-fabrics": fixed({ ctl: fabricsDevices(source) }),
        "nvme-subsystem": subsystemDevices(source),
      })),
    })),
  };
}

function interfaces({ network }: SysfsSource): Directory {
  const find = (name: string) => network.addresses.find((each) => each.interface === name);
  return dynamic(
    () => new Set(network.addresses.map((each) => each.interface)),
    (name) => {
      const found = find(name);
      return found && fixed({ address: line(() => found.mac), mtu: line(() => (name === "lo" ? 65536 : 1500)) });
    },
  );
}

function pciDevices(source: SysfsSource): Directory {
  const { kernel, uses } = source;
  return dynamic(
    () => [...source.drives].map(({ pciAddress }) => pciAddress),
    (address) => {
      const drive = [...source.drives].find(({ pciAddress }) => pciAddress === address);
      if (drive === undefined) return undefined;
      const controller = pciController(drive, kernel, driveBlock(drive, kernel, uses));
      return fixed({ nvme: fixed({ [drive.controller]: controller }) });
    },
  );
}

function virtualBlocks({ virtualDisks, kernel, uses }: SysfsSource): Directory {
  return dynamic(
    () => [...virtualDisks].map(({ name }) => name),
    (name) => {
      const disk = [...virtualDisks].find((each) => each.name === name);
      return disk && virtualBlock(disk, kernel, uses);
    },
  );
}

function fabricsDevices({ initiator, kernel, uses, found }: SysfsSource): Directory {
  const named = (name: string) => [...initiator.controllers.values()].find((each) => each.name === name);
  const pathsOf = (controller: HostController): Directory => {
    const { subsystem } = controller;
    const heads = () => [...(subsystem?.heads ?? [])].filter(({ paths }) => paths.has(controller));
    return dynamic(
      () => heads().map((head) => subsystem?.pathName(head, controller) ?? ""),
      (name) => {
        const head = heads().find((each) => subsystem?.pathName(each, controller) === name);
        const path = head?.paths.get(controller);
        if (head === undefined || path === undefined || subsystem === undefined) return undefined;
        return found.over(path, pathBlock(name, head, path, subsystem, kernel, uses));
      },
    );
  };
  return dynamic(
    () => [...initiator.controllers.values()].map(({ name }) => name),
    (name) => {
      const controller = named(name);
      return controller && found.over(controller, fabricsController(controller, kernel, pathsOf(controller)));
    },
  );
}

function subsystemDevices(source: SysfsSource): Directory {
  const { initiator, kernel, uses, found } = source;
  return dynamic(
    () => subsystemHomes(source).keys(),
    (name) => {
      const subsystem = [...initiator.subsystems].find(({ instance }) => `nvme-subsys${instance}` === name);
      if (subsystem !== undefined) {
        const disk = (wanted: string) => {
          const head = subsystem.reached.find((each) => subsystem.nameOf(each) === wanted);
          return head && found.over(head, headBlock(wanted, head, subsystem, kernel, uses));
        };
        return found.over(subsystem, subsystemDirectory(subsystem, kernel, disk));
      }
      const drive = [...source.drives].find(({ instance }) => `nvme-subsys${instance}` === name);
      return drive && driveSubsystemDirectory(drive, kernel, pciHome(drive));
    },
  );
}
