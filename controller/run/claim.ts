import type { Clock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import type { NodeId, RunId } from "../../shared/protocol/ids.ts";
import type { RunHolder } from "../api/messages.ts";
import { nodeOf } from "../inventory/host-layers.ts";
import type { Volume } from "../pairing/volume.ts";
import { hostsOfPlays } from "./driver.ts";
import type { Claimant, HeldNodes, Holder } from "./held-nodes.ts";
import { targetHosts } from "./pair/target-hosts.ts";
import { playsOf, type RunPlan } from "./plan.ts";

/** A run and its nodes: one that has them, or one that waits for them and is no run yet. */
export interface Claim extends Claimant {
  run?: RunId;
}

/** So many nodes are told by name. */
const named = 5;

/** As others are told of it. */
export function shown({ claimant: { run, title, by, at }, has, nodes }: Holder<Claim>): RunHolder {
  return {
    ...(has && run !== undefined ? { run } : {}),
    title,
    ...(by === undefined ? {} : { by }),
    at,
    nodes: nodes.slice(0, named),
    count: nodes.length,
  };
}

/** One who is in the way, as people read it. */
export function tell({ run, title, by, at, nodes, count }: RunHolder): string {
  const what = run === undefined ? title : `run ${run} (${title})`;
  const who = by === undefined ? "" : ` of ${by}`;
  const since = `${new Date(at).toISOString().slice(0, 19)}Z`;
  const names = `${nodes.join(", ")}${count > nodes.length ? ` and ${count - nodes.length} more` : ""}`;
  return `${what}${who} ${run === undefined ? "waits for" : "works on"} ${names} since ${since}`;
}

/** Why a run cannot begin. */
export function busy(title: string, holders: readonly RunHolder[]): FlashfleetError {
  const runs = holders.flatMap(({ run }) => run ?? []);
  const commands = runs.slice(0, 3).map((run) => `flashfleet attach ${run} shows it, flashfleet cancel ${run} ends it`);
  return new FlashfleetError("node_busy", `cannot run ${title}: ${holders.map(tell).join("; ")}`, {
    hint: [...commands, "--wait waits until they are free"].join("; "),
  });
}

/** Whether whoever starts a run waits for its nodes, and until when. */
export interface Waiting {
  /** Infinity: as long as it takes; undefined: not at all. */
  millis: number | undefined;
  /** Aborted when nobody waits any more. */
  signal: AbortSignal;
}

/**
 * Takes nodes for a run. Gives who is in the way, whenever that changes, and ends when they are the run's. Throws `node_busy` at
 * once where it is not to wait, or after its time.
 */
export async function* claimNodes(
  held: HeldNodes<Claim>,
  claim: Claim,
  nodes: ReadonlySet<NodeId>,
  { millis, signal }: Waiting,
  clock: Clock,
): AsyncGenerator<RunHolder[]> {
  if (millis === undefined) {
    const holders = held.take(claim, nodes).map(shown);
    if (holders.length > 0) throw busy(claim.title, holders);
    return;
  }
  const [over, timer] = [new AbortController(), new AbortController()];
  let last: RunHolder[] = [];
  if (Number.isFinite(millis)) {
    const elapsed = () => over.abort(busy(claim.title, last));
    clock.sleep(millis, timer.signal).then(elapsed, () => undefined);
  }
  try {
    for await (const holders of held.wait(claim, nodes, AbortSignal.any([signal, over.signal]))) {
      last = holders.map(shown);
      yield last;
    }
  } finally {
    timer.abort();
  }
}

/**
 * The nodes that a run works on: its hosts, and the targets that its pair plays name or have volumes on. Throws `no_hosts` where a
 * play has none.
 */
export function nodesOf(plan: RunPlan, volumes: ReadonlyMap<string, Volume>): Set<NodeId> {
  const ofPlays = hostsOfPlays(plan);
  const hosts = new Set([...ofPlays.flat(), ...targetHosts(plan, ofPlays)]);
  const nodes = hostNodes(plan, hosts);
  if (!playsOf(plan).some(({ isPair }) => isPair)) return nodes;
  const known = [...volumes.values()].filter(({ pairs }) => pairs.some(({ initiator }) => nodes.has(initiator)));
  return new Set([...nodes, ...known.flatMap(({ legs }) => legs.map(({ target }) => target))]);
}

function hostNodes(plan: RunPlan, hosts: ReadonlySet<string>): Set<NodeId> {
  return new Set(
    [...hosts].flatMap((name) => {
      const host = plan.inventory.hosts.get(name);
      return host === undefined ? [] : [nodeOf(host)];
    }),
  );
}
