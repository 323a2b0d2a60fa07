import type { Act, Row } from "../row.ts";
import { connected, H, linked, subsystem } from "./states.ts";

const unload = (module: string): Act => ({ act: "unload", module });
const modprobe = (module: string): Act => ({ act: "modprobe", module });
const initstate = (module: string) => `/sys/module/${module}/initstate`;

/** Rows before may have left the transports of ports loaded. */
const nvmetAlone = [unload("nvmet-tcp"), modprobe("nvmet")];
/** Kernel modules and the mount of configfs. */
export const moduleRows: readonly Row[] = [
  { says: "configfs is mounted already", when: { act: "mountConfigfs" }, gives: "ok" },
  { says: "a module that does not exist", when: modprobe("no-such-module"), gives: "ENOENT" },
  { says: "a module that is loaded", when: modprobe("nvmet"), gives: "ok" },
  {
    says: "a name with a hyphen is one with an underscore",
    when: modprobe("nvmet_tcp"),
    gives: "ok",
    shows: { [initstate("nvmet_tcp")]: "live" },
  },
  {
    says: "the first port of a transport loads its module",
    given: linked,
    when: modprobe("nvmet"),
    gives: "ok",
    shows: { [initstate("nvmet_tcp")]: "live" },
  },
  {
    says: "nvmet without a configuration is unloaded",
    given: nvmetAlone,
    when: unload("nvmet"),
    gives: "ok",
    shows: { "/sys/kernel/config/nvmet": "ENOENT" },
  },
  {
    says: "nvmet with a subsystem is in use",
    given: [...nvmetAlone, ...subsystem],
    when: unload("nvmet"),
    gives: "EBUSY",
  },
  {
    says: "nvmet with a host is in use",
    given: [...nvmetAlone, { act: "mkdir", path: H }],
    when: unload("nvmet"),
    gives: "EBUSY",
  },
  { says: "nvmet under a transport is in use", given: [modprobe("nvmet-tcp")], when: unload("nvmet"), gives: "EBUSY" },
  {
    says: "nvmet-tcp takes nvmet along where nothing is made",
    given: [modprobe("nvmet-tcp")],
    when: unload("nvmet-tcp"),
    gives: "ok",
    shows: { [initstate("nvmet")]: "ENOENT" },
  },
  {
    says: "nvmet-tcp leaves nvmet where something is made",
    given: [modprobe("nvmet-tcp"), ...subsystem],
    when: unload("nvmet-tcp"),
    gives: "ok",
    shows: { [initstate("nvmet")]: "live", [initstate("nvmet_tcp")]: "ENOENT" },
  },
  { says: "nvmet-tcp with an enabled port is in use", given: connected, when: unload("nvmet-tcp"), gives: "EBUSY" },
  {
    says: "nvme-tcp takes its controllers along, connected or not",
    given: connected,
    when: unload("nvme-tcp"),
    gives: "ok",
    shows: { "@controller": "ENOENT", "@disk": "ENOENT" },
  },
  { says: "nvme-core under others is in use", when: unload("nvme_core"), gives: "EBUSY" },
  {
    says: "nvme-tcp takes nvme-fabrics along",
    when: unload("nvme-tcp"),
    gives: "ok",
    shows: { "/dev/nvme-fabrics": "ENOENT", [initstate("nvme_fabrics")]: "ENOENT" },
  },
  { says: "a module that is not loaded is unloaded already", when: unload("nvmet-fc"), gives: "ok" },
  { says: "a module that does not exist is not unloaded", when: unload("no-such-module"), gives: "ENOENT" },
];
