import * as z from "zod";
import type { DriveFacts } from "../../shared/protocol/facts.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import { supplyOf } from "../pairing/supply.ts";
import type { DirtyDrive, Volume } from "../pairing/volume.ts";

/** volume: one lies on it. dirty: one did, and nobody has wiped it since. unknown: the node cannot tell what is on it. */
const driveStates = ["free", "volume", "dirty", "in use", "signature", "unknown", "read-only"] as const;

/** A local drive of a node, with what stands in the way of a volume on it, but for pools: those are inventories' matter. */
export const DriveView = z.object({
  node: NodeId,
  /** The name that lasts, below /dev/disk/by-id where it has one there. */
  device: z.string(),
  /** Every path that it goes by. */
  names: z.array(z.string()),
  /** The same wherever it is seen. */
  id: z.string(),
  /** Bytes. */
  size: z.number(),
  model: z.string(),
  serial: z.string(),
  state: z.enum(driveStates),
  /** The volume that lies on it, or did. */
  volume: z.string().optional(),
  /** When that was removed: wall clock, Unix milliseconds. */
  removed: z.number().optional(),
  /** All that is in the way, in sentences. */
  reasons: z.array(z.string()),
});
export type DriveView = z.infer<typeof DriveView>;

/** Tells the volume that lies on a drive, by the drive's identity or by where a volume has it. */
type HolderOf = (node: NodeId, drive: { id: string; names: readonly string[] }) => string | undefined;

/** Made once for many drives. */
export function holdersOf(volumes: Iterable<Volume>): HolderOf {
  const byDrive = new Map<string, string>();
  const byPlace = new Map<string, string>();
  for (const { volume, drive, legs } of volumes) {
    byDrive.set(drive, volume);
    for (const { target, device } of legs) byPlace.set(`${target} ${device}`, volume);
  }
  return (node, { id, names }) =>
    byDrive.get(id) ?? names.map((name) => byPlace.get(`${node} ${name}`)).find((volume) => volume !== undefined);
}

/** A node's drives, in the order of its facts. Pure. */
export function drivesOf(
  node: NodeId,
  facts: readonly DriveFacts[],
  holderOf: HolderOf,
  dirty: ReadonlyMap<string, DirtyDrive>,
): DriveView[] {
  const { drives } = supplyOf({ node, drives: facts, pool: "all", isDirty: (id) => dirty.has(id), variables: {} });
  return drives.flatMap(({ id, device, names, size, obstacles }, index): DriveView[] => {
    const known = facts[index];
    if (known === undefined) return [];
    const holder = holderOf(node, { id, names });
    const left = dirty.get(id);
    return [
      {
        node,
        device,
        names: [...new Set(names)],
        id,
        size,
        model: known.model,
        serial: known.serial,
        state: holder === undefined ? stateOf(known, left) : "volume",
        ...(holder !== undefined
          ? { volume: holder }
          : left === undefined
            ? {}
            : { volume: left.volume, removed: left.at }),
        reasons: obstacles.map(({ says }) => says),
      },
    ];
  });
}

function stateOf({ uses, signature, read_only }: DriveFacts, left: DirtyDrive | undefined): DriveView["state"] {
  if (uses.length > 0) return "in use";
  if (left !== undefined) return "dirty";
  if (read_only) return "read-only";
  if (signature === undefined) return "unknown";
  return signature === "" ? "free" : "signature";
}
