import * as z from "zod";
import { NodeId } from "./ids.ts";

/** Of a key that whoever is told of it does not have, and of one of which nobody knows. */
export const otherKey = "other";
export const unknownKey = "unknown";

const AssumedHost = z.object({
  nqn: z.string(),
  /**
   * The DH-HMAC-CHAP key that it must prove: the name of the secret as the reader knows it (`<secret>@<version>`), `other` or
   * `unknown`; left out where none is asked for.
   */
  key: z.string().optional(),
  /** The key that the target proves in turn, in the same way. */
  ctrlKey: z.string().optional(),
});

const AssumedNamespace = z.object({
  nsid: z.int(),
  uuid: z.string(),
  nguid: z.string(),
  /** Bytes. */
  size: z.number().min(0),
  anaGroup: z.int(),
  anaState: z.string(),
});

const AssumedSubsystem = z.object({
  nqn: z.string(),
  serial: z.string(),
  model: z.string(),
  allowAnyHost: z.boolean(),
  allowedHosts: z.array(AssumedHost),
  /** The enabled ones. */
  namespaces: z.array(AssumedNamespace),
  /** Of the controller ids that it gives out. */
  cntlids: z.object({ least: z.int(), most: z.int() }),
});
export type AssumedSubsystem = z.infer<typeof AssumedSubsystem>;

/**
 * What a check would make of an address of a target, for the checks of its initiators in the same run: to be taken as there,
 * whatever the network says now.
 */
export const AssumedListener = z.object({
  node: NodeId,
  /** `uname -r` of the target. */
  release: z.string(),
  transport: z.string(),
  address: z.string(),
  port: z.int().min(1).max(65535),
  /** None: nothing listens there any more. */
  subsystems: z.array(AssumedSubsystem),
});
export type AssumedListener = z.infer<typeof AssumedListener>;

/** What a check would make of an initiator's connections to an address, for the checks of the target that has it. */
export const AssumedConnection = z.object({
  node: NodeId,
  transport: z.string(),
  /** Of the target. */
  address: z.string(),
  port: z.int().min(1).max(65535),
  /** Addresses that the initiator may come from. */
  from: z.array(z.string()),
  /** The subsystems that it is connected to there. None: it is gone. */
  nqns: z.array(z.string()),
});
export type AssumedConnection = z.infer<typeof AssumedConnection>;
