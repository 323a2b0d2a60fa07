import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Volume } from "./volume.ts";
import type { Unmet } from "./want.ts";

/**
 * Volumes that ask of one host on one target for different proofs: a target has one key for a host, whatever it exports to it, and
 * a host without that key could not come back. `placed`: those that a play asks for, over `known`.
 */
export function disagreements(placed: ReadonlyMap<string, Volume>, known: ReadonlyMap<string, Volume>): Unmet[] {
  const firsts = new Map<string, Volume>();
  const unmet: Unmet[] = [];
  // What is there already is right; a play has to follow.
  const all = [...[...known.values()].filter(({ volume }) => !placed.has(volume)), ...placed.values()];
  for (const volume of all) {
    for (const [initiator, target] of endsOf(volume)) {
      const key = `${initiator} ${target}`;
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, volume);
      else if (placed.has(volume.volume) && !agree(first, volume, placed)) {
        unmet.push(unmetBy(volume, first, initiator, target));
        break;
      }
    }
  }
  return unmet;
}

function agree(first: Volume, second: Volume, placed: ReadonlyMap<string, Volume>): boolean {
  if (first.authentication !== second.authentication) return false;
  // The keys of a volume that the play leaves out go along with a newer version.
  const isFree = second.keyVersion > first.keyVersion && !placed.has(first.volume);
  return first.authentication === "none" || first.keyVersion === second.keyVersion || isFree;
}

function* endsOf({ pairs, legs }: Volume): Generator<[NodeId, NodeId]> {
  for (const { initiator } of pairs) for (const { target } of legs) yield [initiator, target];
}

function unmetBy(volume: Volume, first: Volume, initiator: NodeId, target: NodeId): Unmet {
  const say = ({ authentication, keyVersion }: Volume) =>
    authentication === "none"
      ? "authentication: none"
      : `authentication: ${authentication} with key_version: ${keyVersion}`;
  return {
    volume: volume.volume,
    reason: `it asks for ${say(volume)} between ${initiator} and ${target}, and ${first.volume} for ${say(first)}`,
    hint: "a target has one key for a host: all its volumes there say the same",
  };
}
