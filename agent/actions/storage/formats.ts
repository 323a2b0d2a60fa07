import type { Fstype } from "../../../shared/modules/actions/storage.ts";
import type { Package } from "./tool.ts";

type Words = readonly [string, ...string[]];

/** A program to run, and the package that has it. */
export interface Tool {
  argv: Words;
  package: Package;
}

/** How a file system is made, and given another uuid. */
interface Format {
  package: Package;
  /** Before the options that people give and the device. */
  make: Words;
  /** Options that give it this uuid as it is made; left out where it has none of that form. */
  madeWith?: (uuid: string) => string[];
  /** Changes the uuid of one that is there. */
  change?: (device: string, uuid: string) => Words;
}

function ext(version: 2 | 3 | 4): Format {
  return {
    package: "e2fsprogs",
    make: [`mkfs.ext${version}`, "-q"],
    madeWith: (uuid) => ["-U", uuid],
    change: (device, uuid) => ["tune2fs", "-U", uuid, device],
  };
}

const formats: Readonly<Record<Fstype, Format>> = {
  btrfs: { package: "btrfs-progs", make: ["mkfs.btrfs", "-q"], madeWith: (uuid) => ["-U", uuid] },
  ext2: ext(2),
  ext3: ext(3),
  ext4: ext(4),
  f2fs: { package: "f2fs-tools", make: ["mkfs.f2fs", "-q"], madeWith: (uuid) => ["-U", uuid] },
  swap: {
    package: "util-linux",
    make: ["mkswap"],
    madeWith: (uuid) => ["-U", uuid],
    change: (device, uuid) => ["swaplabel", "-U", uuid, device],
  },
  vfat: { package: "dosfstools", make: ["mkfs.vfat"] },
  xfs: {
    package: "xfsprogs",
    make: ["mkfs.xfs", "-q"],
    madeWith: (uuid) => ["-m", `uuid=${uuid}`],
    change: (device, uuid) => ["xfs_admin", "-U", uuid, device],
  },
};

/** What makes it; undefined where this file system takes no uuid. */
export function maker(
  fstype: Fstype,
  { device, uuid, opts }: { device: string; uuid: string | undefined; opts: readonly string[] },
): Tool | undefined {
  const { make, madeWith, package: from } = formats[fstype];
  if (uuid !== undefined && madeWith === undefined) return undefined;
  const own = uuid === undefined ? [] : (madeWith?.(uuid) ?? []);
  return { argv: [...make, ...own, ...opts, device], package: from };
}

/** What gives it another uuid; undefined where that cannot be done. */
export function uuidChanger(fstype: Fstype, device: string, uuid: string): Tool | undefined {
  const { change, package: from } = formats[fstype];
  return change === undefined ? undefined : { argv: change(device, uuid), package: from };
}
