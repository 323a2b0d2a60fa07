import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Pair, Volume } from "../../pairing/volume.ts";

/** The volume with one of its pairs changed. */
export function withPair(volume: Volume, initiator: NodeId, change: (pair: Pair) => Pair | undefined): Volume {
  return {
    ...volume,
    pairs: volume.pairs.flatMap((pair) => (pair.initiator === initiator ? (change(pair) ?? []) : [pair])),
  };
}
