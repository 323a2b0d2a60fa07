import type { Volume } from "../pairing/volume.ts";
import { type Health, judge } from "./health.ts";
import type { NodeNews } from "./news.ts";
import { evidenceOf, type PairEvidence } from "./pair-evidence.ts";
import { judgePairs, type PairHealth } from "./volume-health.ts";

/** What is known of a fleet at one moment, judged. */
export interface Survey {
  nodes: readonly NodeNews[];
  health: Health;
  /** Every volume on every initiator, with its verdict. */
  pairs: readonly { evidence: PairEvidence; verdict: PairHealth }[];
}

/** Judges connections, then the volumes among them. Pure; grows with what is reported. */
export function surveyOf(volumes: ReadonlyMap<string, Volume>, nodes: readonly NodeNews[]): Survey {
  const health = judge(nodes, meantOnSeveral(volumes.values()));
  const evidence = evidenceOf(volumes.values(), nodes, health);
  const verdicts = judgePairs(evidence);
  return {
    nodes,
    health,
    pairs: evidence.flatMap((each, index) => {
      const verdict = verdicts[index];
      return verdict === undefined ? [] : [{ evidence: each, verdict }];
    }),
  };
}

/** Tells the subsystems that are on several targets by intention. */
export function meantOnSeveral(volumes: Iterable<Volume>): (nqn: string) => boolean {
  const meant = new Set([...volumes].flatMap(({ nqn, legs }) => (legs.length > 1 ? [nqn] : [])));
  return (nqn) => meant.has(nqn);
}
