import * as z from "zod";
import { BootId } from "../../../shared/protocol/hello.ts";
import { NodeId } from "../../../shared/protocol/ids.ts";
import { Generation } from "../../../shared/protocol/spec.ts";
import { Volume } from "../../pairing/volume.ts";

/** The first 16 hexadecimal digits of a SHA-256: enough to see that something is not what it was. */
const ShortDigest = z.string();

/** What a node was: what lasts of its report, as digests. */
export const NodeState = z.object({
  bootId: BootId,
  /** Of its spec. */
  generation: Generation,
  /** Its host NQN and host id. */
  host: ShortDigest,
  exports: z.array(z.object({ nqn: z.string(), hosts: ShortDigest, namespaces: ShortDigest, ports: ShortDigest })),
  connections: z.array(z.object({ nqn: z.string(), host: ShortDigest, paths: ShortDigest, namespaces: ShortDigest })),
});
export type NodeState = z.infer<typeof NodeState>;

/** A node that a plan looked at. */
export const PlannedNode = z.object({
  node: NodeId,
  /** Left out: it did not answer. */
  was: NodeState.optional(),
});
export type PlannedNode = z.infer<typeof PlannedNode>;

/** A volume as a pair play of the plan placed it. */
export const PlannedVolume = z.object({
  /** Which play of the run, counted from 0. */
  play: z.int(),
  /** Of the volume's record before the plan; left out: there was none. */
  was: ShortDigest.optional(),
  volume: Volume,
});
export type PlannedVolume = z.infer<typeof PlannedVolume>;

/** A volume of the fleet that was there before the plan. */
export const KnownVolume = z.object({ volume: z.string(), digest: ShortDigest });
export type KnownVolume = z.infer<typeof KnownVolume>;

/** What a plan rests on: what must still be so when it is applied, and what it gave out. */
export const Planned = z.object({
  nodes: z.array(PlannedNode),
  known: z.array(KnownVolume),
  volumes: z.array(PlannedVolume),
});
export type Planned = z.infer<typeof Planned>;
