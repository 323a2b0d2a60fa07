import * as z from "zod";
import { NodeId } from "./ids.ts";
import { JsonRecord } from "./json.ts";

/** Counts the specs of one node, from 1; 0 is the empty spec that nobody wrote. */
export const Generation = z.int().min(0);
export type Generation = z.infer<typeof Generation>;

/** What one key of a spec says. */
export const Entry = z.object({
  /** A text, not one of our kinds: an older agent must still boot with the other entries of a newer spec. */
  kind: z.string().min(1),
  /** `absent` is a tombstone: the resource is removed, as far as flashfleet made it. */
  state: z.enum(["present", "absent"]),
  /** As the kind's schema gives it; secrets are references by name and version. */
  resource: JsonRecord,
  /** Who wants it: `task <playbook>/<task>` or `volume <name>`. */
  owner: z.string(),
});
export type Entry = z.infer<typeof Entry>;

/** The resources that one node should have. Keys as {@link entryKey} makes them. */
export const Spec = z.object({
  v: z.literal(1),
  node: NodeId,
  generation: Generation,
  entries: z.record(z.string(), Entry),
});
export type Spec = z.infer<typeof Spec>;

/** A change of a spec: the keys that it sets, and nothing else. */
export const Edit = z.object({
  /** The generation that it was made on; a node with another one refuses it. */
  base: Generation,
  /** The generation that the spec has once this edit is in it. */
  generation: Generation,
  set: z.record(z.string(), Entry),
});
export type Edit = z.infer<typeof Edit>;

/** The key of a resource in a spec: `nvmet_port tcp 10.0.0.1:4420`. The second word is the kind's own key. */
export function entryKey(kind: string, key: string): string {
  return `${kind} ${key}`;
}

/** The spec that nobody wrote. */
export function emptySpec(node: NodeId): Spec {
  return { v: 1, node, generation: 0, entries: {} };
}
