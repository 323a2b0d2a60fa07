import type { FixtureTree } from "../../../support/fixture-system.ts";

/** A whole block device of 2 GiB at its place in sysfs, with its node. */
export function disk(name: string, real: string, number: string): FixtureTree {
  return {
    [`/sys/class/block/${name}`]: { link: real },
    [`${real}/dev`]: `${number}\n`,
    [`${real}/size`]: "4194304\n",
    [`${real}/ro`]: "0\n",
    [`${real}/holders`]: { directory: true },
    [`/dev/${name}`]: { device: "block" },
  };
}

export const nvmeDisk = "/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1";

/** The emulated drive of the lab. */
export const localNvme: FixtureTree = {
  ...disk("nvme0n1", nvmeDisk, "259:0"),
  [`${nvmeDisk}/wwid`]: "nvme.1b36-5642-51454d55-00000001\n",
  [`${nvmeDisk}/device`]: { link: "../../nvme0" },
  "/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/serial": "VB1234-56789        \n",
  "/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/model": "QEMU NVMe Ctrl                          \n",
  "/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/transport": "pcie\n",
};

/** Its first partition, 1 MiB. */
export const partition: FixtureTree = {
  "/sys/class/block/nvme0n1p1": { link: `${nvmeDisk}/nvme0n1p1` },
  [`${nvmeDisk}/nvme0n1p1/dev`]: "259:1\n",
  [`${nvmeDisk}/nvme0n1p1/partition`]: "1\n",
  [`${nvmeDisk}/nvme0n1p1/size`]: "2048\n",
  [`${nvmeDisk}/nvme0n1p1/holders`]: { directory: true },
  "/dev/nvme0n1p1": { device: "block" },
};

/** A loop device on a file or a block device. */
export function loopDevice(name: string, on: string): FixtureTree {
  const real = `/sys/devices/virtual/block/${name}`;
  return { ...disk(name, real, "7:0"), [`${real}/loop/backing_file`]: `${on}\n` };
}
