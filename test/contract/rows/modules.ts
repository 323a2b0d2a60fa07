import type { Act, Row } from "../row.ts";
import { connected, subsystem } from "./states.ts";

const unload = (module: string): Act => ({ act: "unload", module });
const modprobe = (module: string): Act => ({ act: "modprobe", module });

/** Kernel modules and the mount of configfs. */
export const moduleRows: readonly Row[] = [
  { says: "configfs is mounted already", when: { act: "mountConfigfs" }, gives: "ok" },
  { says: "a module that does not exist", when: modprobe("no-such-module"), gives: "ENOENT" },
  { says: "a module that is loaded", when: modprobe("nvmet"), gives: "ok" },
  {
    says: "a name with a hyphen is one with an underscore",
    when: modprobe("nvmet_tcp"),
    gives: "ok",
    shows: { "/sys/module/nvmet_tcp/initstate": "live" },
  },
  {
    says: "nvmet without a configuration is unloaded",
    when: unload("nvmet"),
    gives: "ok",
    shows: { "/sys/kernel/config/nvmet": "ENOENT" },
  },
  { says: "nvmet with a subsystem is in use", given: subsystem, when: unload("nvmet"), gives: "EBUSY" },
  { says: "nvmet under a transport is in use", given: [modprobe("nvmet-tcp")], when: unload("nvmet"), gives: "EBUSY" },
  { says: "nvmet-tcp with an enabled port is in use", given: connected, when: unload("nvmet-tcp"), gives: "EBUSY" },
  { says: "nvme-tcp with a controller is in use", given: connected, when: unload("nvme-tcp"), gives: "EBUSY" },
  {
    says: "nvme-tcp takes nvme-fabrics along",
    when: unload("nvme-tcp"),
    gives: "ok",
    shows: { "/dev/nvme-fabrics": "ENOENT", "/sys/module/nvme_fabrics/initstate": "ENOENT" },
  },
  { says: "a module that is not loaded is unloaded already", when: unload("nvmet-fc"), gives: "ok" },
  { says: "a module that does not exist is not unloaded", when: unload("no-such-module"), gives: "ENOENT" },
];
