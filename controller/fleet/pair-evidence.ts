import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Connection, Export } from "../../shared/protocol/report.ts";
import type { Leg, Pair, Volume } from "../pairing/volume.ts";
import type { ConnectionHealth, Health } from "./health.ts";
import type { NodeNews } from "./news.ts";

/** One target's end, as it was given out and as it is. */
export interface LegEvidence {
  leg: Leg;
  /** undefined: it has not said hello since this controller started. */
  target: NodeNews | undefined;
  /** As the target reported it last. */
  exported: Export | undefined;
  /** Host NQNs that are let in. */
  allowed: ReadonlySet<string>;
}

/** What all pairs of a volume have in common: one object for all of them. */
export interface VolumeEvidence {
  volume: Volume;
  legs: readonly LegEvidence[];
  /** Nodes that are connected to it, or want to be, and are none of its initiators. */
  strangers: readonly NodeId[];
  /** The node that a host NQN is of; undefined for one that no report has. */
  nodeOf(hostnqn: string): NodeId | undefined;
}

/** All that is known of a volume on one initiator: what was given out, and what both ends say. */
export interface PairEvidence {
  of: VolumeEvidence;
  pair: Pair;
  /** undefined: it has not said hello since this controller started. */
  initiator: NodeNews | undefined;
  connection: Connection | undefined;
  judged: ConnectionHealth | undefined;
}

/** Joins each pair of these volumes with what its nodes report. Pure; grows with the number of exports, connections and pairs. */
export function evidenceOf(volumes: Iterable<Volume>, nodes: readonly NodeNews[], health: Health): PairEvidence[] {
  const news = new Map(nodes.map((node) => [node.id, node]));
  const exports = new Map<string, Export>();
  const connections = new Map<string, Connection>();
  const connected = new Map<string, NodeId[]>();
  const hosts = new Map<string, NodeId>();
  for (const { id, report } of nodes) {
    for (const each of report?.exports ?? []) exports.set(`${id} ${each.nqn}`, each);
    for (const each of report?.connections ?? []) {
      connections.set(`${id} ${each.nqn}`, each);
      const those = connected.get(each.nqn);
      if (those === undefined) connected.set(each.nqn, [id]);
      else those.push(id);
    }
    const hostnqn = report?.host?.hostnqn;
    if (hostnqn !== undefined) hosts.set(hostnqn, id);
  }
  const judged = new Map(health.connections.map((each) => [`${each.initiator} ${each.nqn}`, each]));
  return [...volumes].flatMap((volume) => {
    const { nqn, pairs } = volume;
    const own = new Set(pairs.map(({ initiator }) => initiator));
    const of: VolumeEvidence = {
      volume,
      legs: volume.legs.map((leg) => {
        const exported = exports.get(`${leg.target} ${nqn}`);
        return { leg, target: news.get(leg.target), exported, allowed: new Set(exported?.allowedHosts) };
      }),
      strangers: (connected.get(nqn) ?? []).filter((node) => !own.has(node)),
      nodeOf: (hostnqn) => hosts.get(hostnqn),
    };
    return pairs.map((pair) => ({
      of,
      pair,
      initiator: news.get(pair.initiator),
      connection: connections.get(`${pair.initiator} ${nqn}`),
      judged: judged.get(`${pair.initiator} ${nqn}`),
    }));
  });
}
