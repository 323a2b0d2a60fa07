import type { Drive } from "../drives.ts";
import { Errno } from "../errno.ts";
import { type Directory, dynamic, type Entry, type File, fixed, line, link } from "../files/entry.ts";
import type { HostSubsystem } from "../host/subsystem.ts";
import { genericName } from "../host/uevents.ts";
import { chomp } from "../parse.ts";
import type { Kernel } from "../versions.ts";
import { powerDirectory } from "./common.ts";
import { type Row, tabled } from "./tabled.ts";

interface Shown {
  kernel: Kernel;
  nqn: string;
  model: string;
  serial: string;
  firmware: string;
  kind: string;
  /** Where the policy is kept. */
  policy: { ioPolicy: string };
}

function shown(value: (of: Shown) => string): Row<Shown>["make"] {
  return (of) => line(() => value(of));
}

/** nvme_subsys_attrs of drivers/nvme/host/sysfs.c, and what the driver core adds. */
const rows: Readonly<Record<string, Row<Shown>>> = {
  firmware_rev: { make: shown(({ firmware }) => firmware) },
  iopolicy: { when: ({ kernel }) => kernel.does.ioPolicy, make: policyFile },
  model: { make: shown(({ model }) => model.padEnd(40)) },
  power: { make: powerDirectory },
  serial: { make: shown(({ serial }) => serial.padEnd(20)) },
  subsysnqn: { make: shown(({ nqn }) => nqn) },
  subsystem: { make: () => link("../../../../class/nvme-subsystem") },
  subsystype: { when: ({ kernel }) => kernel.does.subsystemType, make: shown(({ kind }) => kind) },
  uevent: { make: () => ({ kind: "file", read: () => "" }) },
};

/** /sys/devices/virtual/nvme-subsystem/nvme-subsys<S>, with its disks, which `disk` makes by name. */
export function subsystemDirectory(
  subsystem: HostSubsystem,
  kernel: Kernel,
  disk: (name: string) => Entry | undefined,
): Directory {
  const { nqn, model, serial, firmware, kind } = subsystem;
  const disks = () => (subsystem.multipath ? subsystem.reached.map((head) => subsystem.nameOf(head)) : []);
  const generic = () => (kernel.does.genericDevices ? disks().map(genericName) : []);
  const below = dynamic(
    () => [...[...subsystem.controllers].map(({ name }) => name), ...disks(), ...generic()],
    (name) => {
      if ([...subsystem.controllers].some((each) => each.name === name)) return link(`../../nvme-fabrics/ctl/${name}`);
      return generic().includes(name) ? genericDirectory(name) : disk(name);
    },
  );
  return tabled(rows, { kernel, nqn, model, serial, firmware, kind, policy: subsystem }, below);
}

/** Of a local drive, which has one controller at `home` below /sys. */
export function driveSubsystemDirectory(drive: Drive, kernel: Kernel, home: string): Directory {
  const { model, serial, controller } = drive;
  const nqn = `nqn.2019-08.org.qemu:${serial}`;
  const is = { kernel, nqn, model, serial, firmware: "1.0", kind: "nvm", policy: { ioPolicy: "numa" } };
  return tabled(rows, is, fixed({ [controller]: link(`../../../../${home}`) }));
}

function genericDirectory(name: string): Directory {
  return fixed({ power: powerDirectory(), uevent: line(() => `DEVNAME=${name}`) });
}

function policyFile({ kernel, policy }: Shown): File {
  const policies = ["numa", "round-robin", ...(kernel.does.queueDepthPolicy ? ["queue-depth"] : [])];
  return {
    kind: "file",
    read: () => `${policy.ioPolicy}\n`,
    write: (text) => {
      if (!policies.includes(chomp(text))) throw new Errno("EINVAL");
      policy.ioPolicy = chomp(text);
    },
  };
}
