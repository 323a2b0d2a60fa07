import type { Secret } from "../../shared/secret.ts";
import type { InterfaceAddress } from "../system/system.ts";

/** What a node has, read once: the planners, the facts and the reports all read this and nothing else. */
export interface Observed {
  kernel: ObservedKernel;
  /** Parameters by module as /sys/module shows them (of built-in ones: as they were first seen). Many small files, so apart. */
  parameters: ReadonlyMap<string, Attributes>;
  host: ObservedHost;
  addresses: InterfaceAddress[];
  drives: Drive[];
  /** Bytes of what namespaces export, or are to export, that is no drive: files, partitions, logical volumes, by their path. */
  sizes: ReadonlyMap<string, number>;
  nvmet: ObservedNvmet;
  listeners: Listener[];
  sessions: Session[];
  fabrics: ObservedFabrics;
}

export type Section = keyof Observed;

/** The part of an observation that these sections make. */
export type Seen<S extends Section> = Pick<Observed, S>;

export interface ObservedKernel {
  /** `uname -r`. */
  release: string;
  /** Loaded or built in, with `_` for `-`. */
  modules: ReadonlySet<string>;
  /** What modprobe could load (modules.dep and modules.builtin of this release), with `_` for `-`. */
  available: ReadonlySet<string>;
  configfsMounted: boolean;
}

/** /etc/nvme/hostnqn and hostid; absent where the file is missing or empty. */
export interface ObservedHost {
  hostnqn?: string;
  hostid?: string;
}

/** A local block device that could be exported: a whole disk, never a fabrics device. */
export interface Drive {
  /** Kernel name: nvme0n1. */
  name: string;
  /** /dev/nvme0n1 */
  path: string;
  /** Links below /dev/disk/by-id that the observation was focused on, absolute, sorted; empty where no udevd runs. */
  byId: string[];
  serial: string;
  model: string;
  /** As sysfs gives it; empty for devices without one. */
  wwid: string;
  /** Bytes. */
  size: number;
  readOnly: boolean;
}

/** Configfs below /sys/kernel/config/nvmet. Attribute values are without their newline and trailing spaces. */
export interface ObservedNvmet {
  /** False where the directory is missing: nvmet not loaded or configfs not mounted. */
  present: boolean;
  /** NQNs of all that there are, sorted; `hosts` and `subsystems` hold those that the observation was focused on. */
  names: { hosts: readonly string[]; subsystems: readonly string[] };
  hosts: ObservedNvmetHost[];
  subsystems: ObservedSubsystem[];
  ports: ObservedPort[];
}

export type Attributes = Readonly<Record<string, string>>;

export interface ObservedNvmetHost {
  nqn: string;
  /** Only what is no secret: dhchap_hash, dhchap_dhgroup. Empty where the kernel has no authentication. */
  attributes: Attributes;
  /** `dhchap_key` and `dhchap_ctrl_key`, where the kernel has the file; undefined value: not set. */
  keys: Readonly<Record<string, Secret | undefined>>;
}

export interface ObservedSubsystem {
  nqn: string;
  /** attr_* under their file names. */
  attributes: Attributes;
  /** NQNs by the links' targets: names of links mean nothing. */
  allowedHosts: { link: string; nqn: string }[];
  namespaces: ObservedNamespace[];
}

export interface ObservedNamespace {
  nsid: number;
  /** The directory's literal spelling. */
  directory: string;
  /** device_path ("" for unset), device_uuid, device_nguid, enable, ana_grpid, buffered_io, … */
  attributes: Attributes;
  /** Whether it can be told to look at its device's size again; left out where only what a report tells was read. */
  revalidates?: boolean;
}

export interface ObservedPort {
  id: number;
  directory: string;
  /** addr_* and param_*. */
  attributes: Attributes;
  /** NQNs by the links' targets, with the link's name. */
  links: { link: string; nqn: string }[];
  /** These and the referrals are left out where only what a report tells was read. */
  anaGroups: { id: number; state: string }[];
  referrals: { name: string; attributes: Attributes }[];
}

/** A listening TCP socket (/proc/net/tcp, /proc/net/tcp6), nvmet's own among them. */
export interface Listener {
  address: string;
  port: number;
}

/** An established TCP connection. An IPv4 address is written as such, whatever the socket is of. */
export interface Session {
  local: { address: string; port: number };
  peer: { address: string; port: number };
}

/** The initiator's side: everything below /sys/class/nvme-subsystem that is reached over fabrics. */
export interface ObservedFabrics {
  /** False where /dev/nvme-fabrics is missing. */
  present: boolean;
  /** Options that this kernel takes, where it says so (≥5.19); empty otherwise. */
  options: ReadonlySet<string>;
  /**
   * With a controller of another transport than pcie, or with namespaces that outlived all their controllers. A controller
   * that has not been live yet belongs to none in sysfs: it stands in one without a name. Those that the observation was
   * focused on.
   */
  subsystems: FabricsSubsystem[];
}

export interface FabricsSubsystem {
  /** nvme-subsys0; "" where sysfs has none yet. */
  name: string;
  nqn: string;
  /** undefined without multipath. */
  iopolicy: string | undefined;
  controllers: FabricsController[];
  namespaces: FabricsNamespace[];
}

export interface FabricsController {
  /** nvme0 */
  name: string;
  /** new, live, resetting, connecting, deleting, dead, … */
  state: string;
  transport: string;
  /** traddr of `address`. */
  address: string;
  /** trsvcid of `address`. */
  serviceId: string;
  hostAddress?: string;
  hostInterface?: string;
  /** undefined on kernels before 5.10. */
  hostnqn?: string;
  hostid?: string;
  cntlid: string;
  /** Other readable attributes by file name: ctrl_loss_tmo, reconnect_delay, fast_io_fail_tmo, kato, queue_count, … No secrets. */
  attributes: Attributes;
  /** `dhchap_secret` and `dhchap_ctrl_secret`, where the kernel has the file; undefined value: not set. */
  keys?: Readonly<Record<string, Secret | undefined>>;
}

/** In a check: of a namespace of a target that was only asked what it offers. No namespace has it. */
export const unknownNsid = 0;

export interface FabricsNamespace {
  /** The block device people use: nvme0n1. */
  name: string;
  /** /dev/nvme0n1 */
  path: string;
  nsid: number;
  uuid: string;
  nguid: string;
  wwid: string;
  /** Bytes. */
  size: number;
  readOnly: boolean;
  /** Per controller, its ANA state ("" where the kernel shows none). */
  paths: { controller: string; anaState: string; anaGroup: string }[];
}

/** One reason why a device counts as in use. */
export interface Use {
  /** The device, or the partition or holder of it, that is used: /dev/dm-0. */
  device: string;
  by: "exclusive" | "holder" | "swap" | "mount" | "process" | "namespace" | "unreadable";
  /** What people can act on: "mounted at /mnt/data", "held by dm-0 (vg-data)", "open in process 812 (postgres)". */
  says: string;
  /** Of nvmet, where `by` is "namespace". */
  namespace?: { nqn: string; nsid: number; enabled: boolean };
}
