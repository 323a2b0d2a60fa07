import type { NodeId } from "../../shared/protocol/ids.ts";
import type { VolumeArguments } from "./volume-arguments.ts";
import type { Want } from "./want.ts";

/** A volume of a play, as it is asked for on one of its initiators. */
export interface Asked {
  /** The host of the inventory, which templates know. */
  host: string;
  initiator: NodeId;
  arguments: VolumeArguments;
}

/** The name of a volume in the fleet: by its initiator, or as one that many share. */
export function volumeKey({ name, share }: Pick<VolumeArguments, "name" | "share">, initiator: NodeId): string {
  return share === "all" ? `share:${name}` : `${initiator}/${name}`;
}

/** What a pair play asks for: a volume for each initiator, or one for all of them. `nodesOf`: those that a pattern names. */
export function wantsOf(asked: readonly Asked[], nodesOf: (pattern: string) => readonly NodeId[]): Want[] {
  // One array for each pattern: an index is made of each array.
  const known = new Map<string, readonly NodeId[]>();
  const targetsOf = (pattern: string) => {
    const found = known.get(pattern) ?? nodesOf(pattern);
    known.set(pattern, found);
    return found;
  };
  const wants = new Map<string, Want>();
  for (const { initiator, arguments: volume } of asked) {
    const key = volumeKey(volume, initiator);
    if (volume.state === "absent" || wants.has(key)) continue;
    wants.set(key, {
      volume: key,
      initiator: volume.share === "all" ? undefined : initiator,
      size: volume.size ?? 0,
      targets: targetsOf(volume.targets ?? ""),
      spread: volume.spread,
      local: volume.local === "allow",
      backing: volume.backing,
      device: volume.device,
      optimized: volume.optimized,
      override: volume.override,
    });
  }
  return [...wants.values()];
}
