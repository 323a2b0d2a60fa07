import * as z from "zod";

/** A local drive that could be exported. */
export const DriveFacts = z.object({
  /** nvme0n1 */
  name: z.string(),
  /** /dev/nvme0n1 */
  path: z.string(),
  /** Links below /dev/disk/by-id, absolute, sorted. */
  by_id: z.array(z.string()),
  serial: z.string(),
  model: z.string(),
  wwid: z.string(),
  /** Bytes. */
  size: z.number(),
  read_only: z.boolean(),
  /** Why it counts as in use; empty: free. */
  uses: z.array(z.object({ device: z.string(), says: z.string() })),
  /**
   * What is known to lie on it: ext4, xfs, LVM2_member, gpt, …; "": nothing that is known. Left out where it cannot be told, and
   * by agents of before.
   */
  signature: z.string().optional(),
});
export type DriveFacts = z.infer<typeof DriveFacts>;

export const AddressFacts = z.object({
  interface: z.string(),
  address: z.string(),
  family: z.enum(["ipv4", "ipv6"]),
  prefix: z.int(),
  mac: z.string(),
});
export type AddressFacts = z.infer<typeof AddressFacts>;

const DefaultRoute = z.object({ interface: z.string(), gateway: z.string().optional(), mtu: z.number().optional() });

/** The machine and its distribution, as far as nothing else of the facts tells it; names and values as Ansible has them. */
export const MachineFacts = z.object({
  /** By /etc/hosts; no resolver is asked. */
  fqdn: z.string(),
  /** `uname -m` */
  machine: z.string().optional(),
  /** `uname -v` */
  kernel_version: z.string().optional(),
  boot_id: z.string().optional(),
  machine_id: z.string().optional(),
  distribution: z.string().optional(),
  distribution_version: z.string().optional(),
  distribution_major_version: z.string().optional(),
  distribution_release: z.string().optional(),
  os_family: z.string().optional(),
  uptime_seconds: z.number().optional(),
  /** MiB. */
  memtotal_mb: z.number().optional(),
  swaptotal_mb: z.number().optional(),
  /** Sockets. */
  processor_count: z.number().optional(),
  processor_cores: z.number().optional(),
  processor_threads_per_core: z.number().optional(),
  processor_vcpus: z.number().optional(),
  pkg_mgr: z.string(),
  service_mgr: z.string(),
  interfaces: z.array(z.string()),
  default_ipv4: DefaultRoute.optional(),
  default_ipv6: DefaultRoute.optional(),
  /** On devices and over the network; at most 256. */
  mounts: z.array(
    z.object({
      mount: z.string(),
      device: z.string(),
      fstype: z.string(),
      options: z.string(),
      uuid: z.string().optional(),
    }),
  ),
});
export type MachineFacts = z.infer<typeof MachineFacts>;

/** What `flashfleet facts` shows and what playbooks read as `facts.…`: hence names in snake case. */
export const Facts = z.object({
  hostname: z.string(),
  /** The address that other nodes most likely reach it by; left out where it has none. */
  address: z.string().optional(),
  addresses: z.array(AddressFacts),
  kernel: z.object({
    /** `uname -r` */
    release: z.string(),
    /** Of the modules that NVMe over Fabrics needs, with `_` for `-`: loaded or built in; and those that can be loaded. */
    modules_loaded: z.array(z.string()),
    modules_available: z.array(z.string()),
  }),
  nvme: z.object({
    hostnqn: z.string().optional(),
    hostid: z.string().optional(),
    /** Connect options that the kernel takes; empty where it does not say. */
    fabrics_options: z.array(z.string()),
  }),
  drives: z.array(DriveFacts),
  /** Missing from agents of before. */
  system: MachineFacts.optional(),
});
export type Facts = z.infer<typeof Facts>;
