import * as z from "zod";
import { ServiceId, Transport, TransportAddress } from "../../nvme/address.ts";
import { Uuid } from "../../nvme/ids.ts";
import { Nqn } from "../../nvme/nqn.ts";
import { byField, defineKind, Override, State } from "../kind.ts";
import { SecretRef } from "./secret-ref.ts";

export const Path = z.strictObject({
  transport: Transport.default("tcp"),
  address: TransportAddress,
  service_id: ServiceId.default("4420"),
  host_address: TransportAddress.optional(),
  host_interface: z
    .string()
    .regex(/^[^\s,/]{1,15}$/, "an interface's name has at most 15 characters")
    .optional(),
});
export type Path = z.output<typeof Path>;

/** Connect options that go to /dev/nvme-fabrics under their own name (drivers/nvme/host/fabrics.c, opt_tokens). */
export const connectOptionFields = {
  nr_io_queues: z.int().min(1).optional(),
  nr_write_queues: z.int().min(1).optional(),
  nr_poll_queues: z.int().min(1).optional(),
  queue_size: z.int().min(16).max(1024).optional(),
  /** Seconds. */
  keep_alive_tmo: z.int().min(0).optional(),
  /** Seconds; negative: for ever. Default -1: data is worth waiting for. */
  ctrl_loss_tmo: z.int().min(-1).optional(),
  /** Seconds. */
  reconnect_delay: z.int().min(1).optional(),
  /** Seconds after which I/O fails while the controller reconnects; -1: it waits. */
  fast_io_fail_tmo: z.int().min(-1).optional(),
  hdr_digest: z.boolean().optional(),
  data_digest: z.boolean().optional(),
  disable_sqflow: z.boolean().optional(),
  tos: z.int().min(0).max(255).optional(),
  tls: z.boolean().optional(),
} as const;

export const nvmeConnection = defineKind({
  schema: z.strictObject({
    nqn: Nqn,
    /** Another host NQN than the node's own, always with its host id. */
    hostnqn: Nqn.optional(),
    hostid: Uuid.optional(),
    paths: z.array(Path).optional(),
    dhchap_secret: SecretRef.optional(),
    dhchap_ctrl_secret: SecretRef.optional(),
    ...connectOptionFields,
    iopolicy: z.enum(["numa", "round-robin", "queue-depth"]).optional(),
    /** Paths that are not named here are disconnected, as far as flashfleet made them. */
    exclusive: z.boolean().optional(),
    override: Override,
    state: State,
  }),
  key: ({ nqn, hostnqn }) => (hostnqn === undefined ? nqn : `${nqn} as ${hostnqn}`),
  secrets: ["dhchap_secret", "dhchap_ctrl_secret"],
  children: { paths: byField("transport", "address", "service_id") },
});
export type NvmeConnection = z.output<typeof nvmeConnection.schema>;
