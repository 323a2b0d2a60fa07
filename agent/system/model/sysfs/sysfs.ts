import type { Drive } from "../drives.ts";
import { Errno } from "../errno.ts";
import { type Directory, dynamic, type Entry, fixed, lazily, line, link } from "../files/entry.ts";
import type { HostController } from "../host/controller.ts";
import type { Initiator } from "../host/initiator.ts";
import type { HostSubsystem } from "../host/subsystem.ts";
import { chomp } from "../parse.ts";
import type { Uses } from "../uses.ts";
import type { Kernel } from "../versions.ts";
import type { VirtualDisk } from "../virtual-disks.ts";
import { driveBlock, headBlock, pathBlock, virtualBlock } from "./blocks.ts";
import { fabricsController, pciController } from "./controllers.ts";

/** What the sysfs of a node is made from. */
export interface SysfsSource {
  kernel: Kernel;
  uses: Uses;
  initiator: Initiator;
  readonly drives: Iterable<Drive>;
  readonly virtualDisks: Iterable<VirtualDisk>;
}

const controllerHome = "devices/virtual/nvme-fabrics/ctl";
const subsystemHome = "devices/virtual/nvme-subsystem";
const virtualHome = "devices/virtual/block";

function pciHome(drive: Drive): string {
  return `devices/pci0000:00/${drive.pciAddress}/nvme/${drive.controller}`;
}

/** Where each block device lies below /sys, by kernel name. */
function blockHomes({ initiator, drives, virtualDisks }: SysfsSource): Map<string, string> {
  const homes = new Map<string, string>();
  for (const { name } of virtualDisks) homes.set(name, `${virtualHome}/${name}`);
  for (const drive of drives) homes.set(drive.name, `${pciHome(drive)}/${drive.name}`);
  for (const subsystem of initiator.subsystems) {
    for (const head of subsystem.heads) {
      const name = subsystem.nameOf(head);
      homes.set(name, `${subsystemHome}/nvme-subsys${subsystem.instance}/${name}`);
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
      nvme: linksTo(() => controllerHomes(source), "../../"),
      "nvme-subsystem": linksTo(() => subsystemHomes(source), "../../"),
    }),
    devices: lazily(() => ({
      "pci0000:00": lazily(() => pciDevices(source)),
      virtual: lazily(() => ({
        block: lazily(() => virtualBlocks(source)),
        "nvme-fabrics": fixed({ ctl: fabricsDevices(source) }),
        "nvme-subsystem": lazily(() => subsystemDevices(source)),
      })),
    })),
  };
}

function pciDevices({ drives, kernel, uses }: SysfsSource): Record<string, Entry> {
  const entries: Record<string, Entry> = {};
  for (const drive of drives) {
    const controller = pciController(drive, kernel, driveBlock(drive, kernel, uses));
    entries[drive.pciAddress] = fixed({ nvme: fixed({ [drive.controller]: controller }) });
  }
  return entries;
}

function virtualBlocks({ virtualDisks, uses }: SysfsSource): Record<string, Entry> {
  return Object.fromEntries([...virtualDisks].map((disk) => [disk.name, virtualBlock(disk, uses)]));
}

function fabricsDevices({ initiator, kernel, uses }: SysfsSource): Directory {
  const named = (name: string) => [...initiator.controllers.values()].find((each) => each.name === name);
  const pathsOf = (controller: HostController): Record<string, Entry> => {
    const { subsystem } = controller;
    const paths: Record<string, Entry> = {};
    for (const head of subsystem?.heads ?? []) {
      const path = head.paths.get(controller);
      if (path === undefined || subsystem === undefined) continue;
      const name = subsystem.pathName(head, controller);
      paths[name] = pathBlock(name, head, path, subsystem, kernel, uses);
    }
    return paths;
  };
  return dynamic(
    () => [...initiator.controllers.values()].map(({ name }) => name),
    (name) => {
      const controller = named(name);
      return controller && fabricsController(controller, kernel, pathsOf(controller));
    },
  );
}

function subsystemDevices({ initiator, drives, kernel, uses }: SysfsSource): Record<string, Entry> {
  const entries: Record<string, Entry> = {};
  for (const drive of drives) {
    entries[`nvme-subsys${drive.instance}`] = lazily(() => ({
      ...subsystemFiles(kernel, {
        ...drive,
        nqn: `nqn.2019-08.org.qemu:${drive.serial}`,
        firmware: "1.0",
        kind: "nvm",
      }),
      iopolicy: kernel.does.ioPolicy ? line(() => "numa") : undefined,
      [drive.controller]: link(`../../../../${pciHome(drive)}`),
    }));
  }
  for (const subsystem of initiator.subsystems) {
    entries[`nvme-subsys${subsystem.instance}`] = lazily(() => {
      const below: Record<string, Entry> = {};
      for (const { name } of subsystem.controllers) below[name] = link(`../../nvme-fabrics/ctl/${name}`);
      for (const head of subsystem.heads) {
        const name = subsystem.nameOf(head);
        below[name] = headBlock(name, head, subsystem, kernel, uses);
      }
      return { ...subsystemFiles(kernel, subsystem), ...below, iopolicy: policyFile(subsystem, kernel) };
    });
  }
  return entries;
}

function subsystemFiles(
  { does }: Kernel,
  is: { nqn: string; model: string; serial: string; firmware: string; kind: string },
): Record<string, Entry | undefined> {
  return {
    firmware_rev: line(() => is.firmware),
    model: line(() => is.model.padEnd(40)),
    serial: line(() => is.serial.padEnd(20)),
    subsysnqn: line(() => is.nqn),
    subsystem: link("../../../../class/nvme-subsystem"),
    subsystype: does.subsystemType ? line(() => is.kind) : undefined,
  };
}

function policyFile(subsystem: HostSubsystem, { does }: Kernel): Entry | undefined {
  if (!does.ioPolicy) return undefined;
  const policies = ["numa", "round-robin", ...(does.queueDepthPolicy ? ["queue-depth"] : [])];
  return {
    kind: "file",
    read: () => `${subsystem.ioPolicy}\n`,
    write: (text) => {
      if (!policies.includes(chomp(text))) throw new Errno("EINVAL");
      subsystem.ioPolicy = chomp(text);
    },
  };
}
