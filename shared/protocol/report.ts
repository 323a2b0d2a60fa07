import * as z from "zod";
import { BootId } from "./hello.ts";
import { NodeId } from "./ids.ts";
import { Generation } from "./spec.ts";

/** Where something listens or is reached. Texts as the kernel gives them: a report never fails for an odd one. */
export const ReportedEndpoint = z.object({ transport: z.string(), address: z.string(), serviceId: z.string() });
export type ReportedEndpoint = z.infer<typeof ReportedEndpoint>;

/** A namespace of a target's subsystem. */
export const ExportedNamespace = z.object({
  nsid: z.int(),
  /** Lower case with dashes; "" where the kernel shows none. */
  uuid: z.string(),
  nguid: z.string(),
  /** device_path: a block device or a file. */
  device: z.string(),
  /** Bytes; left out where the device is not there. */
  size: z.int().min(0).optional(),
  enabled: z.boolean(),
});
export type ExportedNamespace = z.infer<typeof ExportedNamespace>;

/** A subsystem of a target, with the ports that it is linked into. */
export const Export = z.object({
  nqn: z.string(),
  allowAnyHost: z.boolean(),
  /** Host NQNs. */
  allowedHosts: z.array(z.string()),
  namespaces: z.array(ExportedNamespace),
  ports: z.array(z.object({ id: z.int(), ...ReportedEndpoint.shape, listening: z.boolean() })),
});
export type Export = z.infer<typeof Export>;

/** One controller of an initiator: a path to the subsystem. */
export const ReportedPath = z.object({
  /** nvme0 */
  controller: z.string(),
  ...ReportedEndpoint.shape,
  /** As sysfs says it: live, connecting, resetting, deleting, dead, … */
  state: z.string(),
});
export type ReportedPath = z.infer<typeof ReportedPath>;

/** A namespace as an initiator has it. */
export const ConnectedNamespace = z.object({
  nsid: z.int(),
  uuid: z.string(),
  nguid: z.string(),
  /** The block device that people use: /dev/nvme0n1. */
  device: z.string(),
  /** Bytes. */
  size: z.int().min(0),
  /** By controller; "" where the kernel shows none. */
  anaStates: z.record(z.string(), z.string()),
});
export type ConnectedNamespace = z.infer<typeof ConnectedNamespace>;

/** A subsystem that an initiator is connected to, or should be. */
export const Connection = z.object({
  nqn: z.string(),
  /** The host NQN that it connects as. */
  hostnqn: z.string(),
  /** nvme-subsys0; left out where there is none. */
  subsystem: z.string().optional(),
  iopolicy: z.string().optional(),
  /** The paths that the node's spec names; left out for a connection that is not in it. */
  expected: z.array(ReportedEndpoint).optional(),
  paths: z.array(ReportedPath),
  namespaces: z.array(ConnectedNamespace),
});
export type Connection = z.infer<typeof Connection>;

/** Whose host a node is, as /etc/nvme/hostnqn and hostid say it: left out where a file is missing or empty. */
export const ReportedHost = z.object({ hostnqn: z.string().optional(), hostid: z.string().optional() });
export type ReportedHost = z.infer<typeof ReportedHost>;

/** Something that the agent itself knows to be wrong: a resource that does not converge, a device that has changed. */
export const Condition = z.object({
  code: z.string(),
  /** The entry of the spec that it concerns. */
  resource: z.string().optional(),
  message: z.string(),
});
export type Condition = z.infer<typeof Condition>;

/** What a node has, as far as health needs it. Observations, never verdicts: only controller/fleet/health judges. */
export const Report = z.object({
  v: z.literal(1),
  node: NodeId,
  /** Counts the reports of this node over restarts of its agent. */
  sequence: z.int().min(0),
  bootId: BootId,
  /** The node's wall clock, Unix milliseconds: to show, never to compare. */
  at: z.number(),
  /** Of the spec that `expected` comes from. */
  generation: Generation,
  exports: z.array(Export),
  connections: z.array(Connection),
  conditions: z.array(Condition),
  /** Older agents leave it out. */
  host: ReportedHost.optional(),
  /** Whether the agent has brought the node to its spec since it started, as far as that could be done; missing: not yet. */
  settled: z.literal(true).optional(),
});
export type Report = z.infer<typeof Report>;

/** The controller has the report with this sequence number. */
export const ReportReceived = z.object({ v: z.literal(1), sequence: z.int().min(0) });
export type ReportReceived = z.infer<typeof ReportReceived>;
