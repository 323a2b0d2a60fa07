import type { ConnectOptions } from "../../../agent/system/system.ts";
import type { Act } from "../row.ts";
import { connect, link, mkdir, write } from "./acts.ts";

/*
 * States that rows begin with: each is built from nothing.
 */

export const discoveryNqn = "nqn.2014-08.org.nvmexpress.discovery";
export const nqn = "nqn.2024-01.io.x:a";
export const otherNqn = "nqn.2024-01.io.x:b";
export const host = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
export const hostid = "11111111-2222-3333-4444-555555555555";
export const otherHost = "nqn.2014-08.org.nvmexpress:uuid:21111111-2222-3333-4444-555555555555";
export const otherHostid = "21111111-2222-3333-4444-555555555555";
export const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";
export const otherUuid = "22222222-aaaa-4bbb-8ccc-000000000002";
export const key = "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:";
export const otherKey = "DHHC-1:00:gMMeHPUQ9Ya44cNpOSFq7Qc97pon26I+eJErQ7vXeM0juvwt:";

/** Local drives: two to export, and one that is read-only. */
export const drive = "/dev/nvme0n1";
export const otherDrive = "/dev/nvme1n1";
export const readOnlyDrive = "/dev/nvme2n1";

export const S = `subsystems/${nqn}`;
export const B = `subsystems/${otherNqn}`;
export const N = `${S}/namespaces/1`;
export const H = `hosts/${host}`;
export const P = "ports/1";

export const subsystem: Act[] = [mkdir(S)];
export const hosts: Act[] = [mkdir(H), mkdir(`hosts/${otherHost}`)];
export const namespace: Act[] = [...subsystem, mkdir(N)];
export const withDevice: Act[] = [...namespace, write(`${N}/device_path`, drive)];
export const enabled: Act[] = [...withDevice, write(`${N}/device_uuid`, uuid), write(`${N}/enable`, "1")];

/** A TCP port that nothing is linked to. */
export function port(id: number, trsvcid: string, traddr = "127.0.0.1"): Act[] {
  const at = `ports/${id}`;
  return [
    mkdir(at),
    write(`${at}/addr_trtype`, "tcp"),
    write(`${at}/addr_adrfam`, traddr.includes(":") ? "ipv6" : "ipv4"),
    write(`${at}/addr_traddr`, traddr),
    write(`${at}/addr_trsvcid`, trsvcid),
  ];
}

export const portLink = `${P}/subsystems/${nqn}`;
export const portToLink: Act[] = [...subsystem, ...port(1, "4420")];
export const linked: Act[] = [...portToLink, link(portLink, S)];

/** The whole export: one drive, one allowed host, one port. */
export const exported: Act[] = [
  ...hosts,
  ...enabled,
  link(`${S}/allowed_hosts/${host}`, H),
  ...port(1, "4420"),
  link(portLink, S),
];

/** Another subsystem with the other drive, for the same host on the same port. */
export const exportedToo: Act[] = [
  mkdir(B),
  mkdir(`${B}/namespaces/1`),
  write(`${B}/namespaces/1/device_path`, otherDrive),
  write(`${B}/namespaces/1/device_uuid`, otherUuid),
  write(`${B}/namespaces/1/enable`, "1"),
  link(`${B}/allowed_hosts/${host}`, H),
  link(`${P}/subsystems/${otherNqn}`, B),
];

export const asHost: ConnectOptions = {
  transport: "tcp",
  traddr: "127.0.0.1",
  trsvcid: "4420",
  nqn,
  hostnqn: host,
  hostid,
  nr_io_queues: 1,
  reconnect_delay: 1,
};

export const connected: Act[] = [...exported, connect(asHost)];
