import type { OwnedKey } from "../engine/step.ts";

/** Where nvmet keeps its configuration (drivers/nvme/target/configfs.c). */
const root = "/sys/kernel/config/nvmet";

export const subsystemPath = (nqn: string) => `${root}/subsystems/${nqn}`;
export const namespacePath = (nqn: string, directory: string | number) =>
  `${subsystemPath(nqn)}/namespaces/${directory}`;
export const allowedHostPath = (nqn: string, link: string) => `${subsystemPath(nqn)}/allowed_hosts/${link}`;
export const hostPath = (nqn: string) => `${root}/hosts/${nqn}`;
export const portPath = (directory: string | number) => `${root}/ports/${directory}`;
export const linkPath = (port: string | number, link: string) => `${portPath(port)}/subsystems/${link}`;
export const anaGroupPath = (port: string | number, id: number) => `${portPath(port)}/ana_groups/${id}`;
export const referralPath = (port: string | number, name: string) => `${portPath(port)}/referrals/${name}`;

export const controllerPath = (name: string) => `/sys/class/nvme/${name}`;
export const hostnqnFile = "/etc/nvme/hostnqn";
export const hostidFile = "/etc/nvme/hostid";

/** How the ownership record names what flashfleet made. */
export const owned = {
  module: (name: string): OwnedKey => `module ${name}`,
  identity: "host identity",
  host: (nqn: string): OwnedKey => `host ${nqn}`,
  subsystem: (nqn: string): OwnedKey => `subsystem ${nqn}`,
  namespace: (nqn: string, nsid: number): OwnedKey => `namespace ${nqn} ${nsid}`,
  allowedHost: (nqn: string, host: string): OwnedKey => `allowed host ${nqn} ${host}`,
  port: (id: number): OwnedKey => `port ${id}`,
  anaGroup: (port: number, id: number): OwnedKey => `ana group ${port} ${id}`,
  referral: (port: number, name: string): OwnedKey => `referral ${port} ${name}`,
  link: (port: number, nqn: string): OwnedKey => `link ${port} ${nqn}`,
  path: (nqn: string, endpoint: string): OwnedKey => `path ${nqn} ${endpoint}`,
} as const;
