import * as z from "zod";
import { NodeId } from "../../shared/protocol/ids.ts";
import { stayingPorts } from "../pairing/resources.ts";
import { deviceOf } from "../pairing/volume-device.ts";
import { type Drift, pairDrift, volumeDrift } from "./drift.ts";
import { healthStates } from "./health.ts";
import { neverHeard, silence } from "./news.ts";
import type { PairEvidence, VolumeEvidence } from "./pair-evidence.ts";

/**
 * Of a volume on an initiator. allocated: it has its drive, and was never made, or was undone. working: a run is at it. in doubt:
 * an end went out of reach in the middle. drifted: it works, but is not as it was given out. Else as its connection.
 */
export const volumeStates = [...healthStates, "drifted", "allocated", "working", "in doubt"] as const;
export type VolumeState = (typeof volumeStates)[number];

export const PairHealth = z.object({
  /** Its name in the fleet: `db07/data`. */
  volume: z.string(),
  initiator: NodeId,
  targets: z.array(NodeId),
  /** The disk's name there, which lasts. */
  device: z.string(),
  /** How many paths are live, of those that were given out. */
  paths: z.object({ live: z.int(), expected: z.int() }),
  state: z.enum(volumeStates),
  /** Why it is not healthy, worst first. */
  reasons: z.array(z.string()),
});
export type PairHealth = z.infer<typeof PairHealth>;

interface Finding {
  state: VolumeState;
  says: readonly string[];
}

const severity: readonly VolumeState[] = ["failed", "unknown", "degraded", "drifted", "healthy"];

/** The verdict on each volume on each initiator: of its connection, and of what differs from what was given out. Pure. */
export function judgePairs(pairs: readonly PairEvidence[]): PairHealth[] {
  const known = new Map<VolumeEvidence, Drift[]>();
  return pairs.map((evidence) => {
    const drifts = known.get(evidence.of) ?? volumeDrift(evidence.of);
    known.set(evidence.of, drifts);
    return judgePair(evidence, drifts);
  });
}

function judgePair(evidence: PairEvidence, drifts: readonly Drift[]): PairHealth {
  const { of, pair, connection } = evidence;
  const { volume } = of;
  const expected = stayingPorts(volume);
  const live = expected.filter(({ address, service_id }) =>
    connection?.paths.some(
      (path) => path.state === "live" && path.address === address && path.serviceId === service_id,
    ),
  );
  const { state, says } = underWay(evidence) ?? standing(evidence, drifts);
  return {
    volume: volume.volume,
    initiator: pair.initiator,
    targets: volume.legs.map(({ target }) => target),
    device: deviceOf(volume),
    paths: { live: live.length, expected: expected.length },
    state,
    reasons: [...says],
  };
}

/** One that is not there yet, or about to change: both ends differ from what was given out, as they must. */
function underWay({ pair: { ready, open } }: PairEvidence): Finding | undefined {
  if (open?.doubt !== undefined) return { state: "in doubt", says: [open.doubt] };
  if (open !== undefined) return { state: "working", says: [open.does === "make" ? "being made" : "being removed"] };
  return ready ? undefined : { state: "allocated", says: ["it has its drive, and is not connected"] };
}

function standing(evidence: PairEvidence, drifts: readonly Drift[]): Finding {
  const more = [...drifts, ...pairDrift(evidence)].map(({ state, says }): Finding => ({ state, says: [says] }));
  const findings = [ofConnection(evidence), ...more].toSorted(
    (a, b) => severity.indexOf(a.state) - severity.indexOf(b.state),
  );
  return { state: findings[0]?.state ?? "healthy", says: findings.flatMap(({ says }) => says) };
}

function ofConnection({ judged, initiator, pair }: PairEvidence): Finding {
  if (judged !== undefined) return { state: judged.state, says: judged.reasons };
  if (initiator?.report === undefined) return { state: "unknown", says: [neverHeard(pair.initiator)] };
  if (initiator.silentFor !== undefined)
    return { state: "unknown", says: [silence(pair.initiator, initiator.silentFor)] };
  return { state: "failed", says: [`${pair.initiator} is not connected to it, and does not try to`] };
}
