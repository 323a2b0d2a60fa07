import * as z from "zod";
import { ErrorData } from "../errors.ts";
import { Cost } from "./cost.ts";
import { CallId, NodeId } from "./ids.ts";
import { Json } from "./json.ts";
import { AssumedConnection, AssumedListener } from "./listener.ts";
import { SealedSecrets } from "./order.ts";
import { Generation } from "./spec.ts";

/** A step of a node's plan as it is shown: no ops, no secrets. */
export const StepView = z.object({
  /** The entry of the spec that it serves. */
  resource: z.string(),
  phase: z.string(),
  says: z.string(),
  cost: Cost,
  /** Where it is done, if that is another node than the host of its task: added by the controller. */
  node: NodeId.optional(),
});
export type StepView = z.infer<typeof StepView>;

export const outcomes = ["ok", "changed", "failed", "refused", "interrupted"] as const;

const Accepted = z.object({ v: z.literal(1), id: CallId, is: z.literal("accepted") });

const Progress = z.object({
  v: z.literal(1),
  id: CallId,
  is: z.literal("progress"),
  /** From 1, per call: an answer from the journal repeats the numbers. */
  seq: z.int().min(1),
  text: z.string(),
  /** Where the text is a program's output. */
  stream: z.enum(["stdout", "stderr"]).optional(),
  /** Of a sealed order: the text, which is empty beside it. */
  sealed: SealedSecrets.optional(),
});

export const Done = z.object({
  v: z.literal(1),
  id: CallId,
  is: z.literal("done"),
  /** What was observed afterwards, not what was attempted. */
  outcome: z.enum(outcomes),
  /** The node's spec after it; in a check, that of the run's model. */
  generation: Generation,
  /** Done, or in a check: to do. */
  steps: z.array(StepView),
  result: Json,
  error: ErrorData.optional(),
  /** In a check: listeners that the steps would make, change, or take away. */
  listeners: z.array(AssumedListener).optional(),
  /** In a check: connections to targets that the steps would make or end. */
  connections: z.array(AssumedConnection).optional(),
  /** In a check, with its first answer: the addresses by which others may know this node. */
  addresses: z.array(z.string()).optional(),
  /** Of a sealed order: steps, result and error, which are left out beside it. */
  sealed: SealedSecrets.optional(),
});
export type Done = z.infer<typeof Done>;

/** What a node answers to an order: accepted, any progress, then done. */
export const Reply = z.discriminatedUnion("is", [Accepted, Progress, Done]);
export type Reply = z.infer<typeof Reply>;
