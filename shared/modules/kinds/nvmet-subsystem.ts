import * as z from "zod";
import { AnaGroupId, Nguid, Nsid, PortId, Uuid } from "../../nvme/ids.ts";
import { Nqn } from "../../nvme/nqn.ts";
import { byField, byValue, defineKind, Override, State } from "../kind.ts";

const ascii = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\x20-\x7e]+$/, "printable ASCII only");

export const Namespace = z.strictObject({
  nsid: Nsid,
  /** A block device (best by /dev/disk/by-id) or a file, absolute. */
  device: z
    .string()
    .regex(/^\/[^\0\n]*[^\s\0]$/, "a device is an absolute path without a space at its end")
    .optional(),
  uuid: Uuid.optional(),
  nguid: Nguid.optional(),
  ana_group: AnaGroupId.optional(),
  buffered_io: z.boolean().optional(),
  enabled: z.boolean().optional(),
  state: State,
});
export type Namespace = z.output<typeof Namespace>;

export const nvmetSubsystem = defineKind({
  schema: z.strictObject({
    nqn: Nqn,
    allow_any_host: z.boolean().optional(),
    allowed_hosts: z.array(Nqn).optional(),
    serial: ascii(20).optional(),
    model: ascii(40).optional(),
    firmware: ascii(8).optional(),
    cntlid_min: z.int().min(1).max(65519).optional(),
    cntlid_max: z.int().min(1).max(65519).optional(),
    qid_max: z.int().min(1).max(128).optional(),
    namespaces: z.array(Namespace).optional(),
    /** Ids of the ports that export it: linked last when it comes up, unlinked first when it goes. */
    ports: z.array(PortId).optional(),
    /** Hosts, namespaces and links that are not named here are removed, as far as flashfleet made them. */
    exclusive: z.boolean().optional(),
    /** Whether the sessions of hosts that are removed so end as well; default true. Like `exclusive`, it is of this once. */
    end_sessions: z.boolean().optional(),
    override: Override,
    state: State,
  }),
  key: ({ nqn }) => nqn,
  secrets: [],
  children: { allowed_hosts: byValue, namespaces: byField("nsid"), ports: byValue },
});
export type NvmetSubsystem = z.output<typeof nvmetSubsystem.schema>;
