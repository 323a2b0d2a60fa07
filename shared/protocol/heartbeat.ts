import * as z from "zod";
import { BootId } from "./hello.ts";
import { NodeId } from "./ids.ts";
import { Generation } from "./spec.ts";

/** Sent every few seconds, unacknowledged: one may be lost. */
export const Heartbeat = z.object({
  v: z.literal(1),
  node: NodeId,
  bootId: BootId,
  generation: Generation,
  /** Sequence number of the node's last report: one that the controller lacks makes it ask for the whole report. */
  report: z.int().min(0),
});
export type Heartbeat = z.infer<typeof Heartbeat>;
