import { toErrorData } from "../../../shared/errors.ts";
import { type Cost, costs } from "../../../shared/protocol/cost.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Entry, Spec } from "../../../shared/protocol/spec.ts";
import type { Secret } from "../../../shared/secret.ts";
import type { Change } from "../../fleet/specs.ts";
import type { Before, Pair } from "../../pairing/volume.ts";
import type { Attempt } from "../call-module.ts";
import { type Way, wayBack } from "./before.ts";
import { type Ends, Silence } from "./ends.ts";
import { PairKeys, proofsOf } from "./keys.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { isHostUsed, isPortUsed } from "./shared-entries.ts";
import { withPair } from "./with-pair.ts";

type Ending = Pick<Attempt, "outcome" | "result" | "error">;

/**
 * What becomes of a pair whose transaction could not be brought to its end. An end that is out of reach leaves it in doubt, and
 * untouched; all else is undone in reverse, initiator first. The signal's reason, and mistakes of ours, are thrown on.
 */
export async function undoPair(ends: Ends, error: unknown): Promise<Ending> {
  const { bench, job, volume } = ends.task;
  const pair = pairOf(ends);
  if (error instanceof Silence) {
    if (pair?.open === undefined || bench.check) return { ...silence(job.node, error), result: {} };
    await doubt(ends, error.data.message);
    return {
      ...silence(job.node, error),
      result: { volume: volume.volume, in_doubt: true },
      error: {
        ...error.data,
        hint: `it is in doubt until a run brings it to an end: run the playbook again when ${error.node} is back, or give ${error.node} up with --abandon ${error.node}`,
      },
    };
  }
  const data = toErrorData(error);
  if (bench.check || pair?.open === undefined) return { outcome: "failed", result: {}, error: data };
  job.onProgress(`undoing volume ${volume.volume}`);
  try {
    await takeBack(ends, pair);
  } catch (second) {
    const { message, hint } = second instanceof Silence ? second.data : toErrorData(second);
    await doubt(ends, message);
    return {
      outcome: "failed",
      result: { volume: volume.volume, in_doubt: true },
      error: {
        ...data,
        hint: `it could not be undone, and is in doubt: ${message}${hint === undefined ? "" : ` (${hint})`}`,
      },
    };
  }
  await bench.volumes.update(
    volume.volume,
    (now) => now && withPair(now, job.node, ({ open: _, moved: __, ...rest }) => rest),
  );
  const hint = data.hint === undefined ? "" : `${data.hint}; `;
  return {
    outcome: "failed",
    result: { volume: volume.volume, undone: true },
    error: { ...data, hint: `${hint}both ends are as they were before` },
  };
}

function silence(initiator: NodeId, { node, data }: Silence): Pick<Attempt, "outcome" | "error"> {
  return { outcome: node === initiator && data.code === "node_unreachable" ? "unreachable" : "failed", error: data };
}

function pairOf({ task: { bench, volume, job } }: Ends): Pair | undefined {
  return bench.volumes.all.get(volume.volume)?.pairs.find(({ initiator }) => initiator === job.node);
}

async function doubt({ task: { bench, volume, job } }: Ends, says: string): Promise<void> {
  await bench.volumes.update(
    volume.volume,
    (now) =>
      now &&
      withPair(now, job.node, (pair) =>
        pair.open === undefined ? pair : { ...pair, open: { ...pair.open, doubt: says } },
      ),
  );
}

/** Both ends as they were, the initiator's first. Throws what is in the way. */
async function takeBack(ends: Ends, { ready, hostnqn, keyVersion, open }: Pair): Promise<void> {
  const { job, volume } = ends.task;
  const before = open?.before ?? {};
  const isRotated = ready && volume.authentication !== "none" && keyVersion !== volume.keyVersion;
  // With the keys of before nothing else of them is left to undo.
  if (isRotated && hostnqn !== undefined && keyVersion !== undefined)
    await rotateKeys(ends, hostnqn, keyVersion, "back");
  const targets = volume.legs.map(({ target }) => target);
  // Make before break, backwards too: no path goes before the ones of before are there.
  for (const node of targets) await back(ends, node, "restore", before);
  await back(ends, job.node, "restore", before);
  for (const node of [job.node, ...targets.toReversed()])
    for (const way of ["reduce", "remove"] as const) await back(ends, node, way, before);
}

/** What was there comes back for nothing; what is new of it costs its own path; all that the pair itself made goes, guarded. */
const costsOf: Readonly<Record<Way, readonly Cost[]>> = {
  restore: ["none"],
  reduce: ["none", "path loss"],
  remove: costs,
};

async function back(ends: Ends, node: NodeId, way: Way, before: Before): Promise<void> {
  const was = before[node];
  // Things that were not there can only go, and the others only change.
  if (was === undefined || !Object.values(was).some((entry) => (entry === null) === (way === "remove"))) return;
  const share: Sharing = node === ends.task.job.node ? (change) => [change] : sharing(ends, node, way);
  await ends.edit({
    node,
    says: "undo it",
    changes: (spec: Spec) => wayBack(way, spec, was).flatMap((change) => share(change, spec, was[change.key] ?? null)),
    subject: "",
    costs: costsOf[way],
    values: keysOf(ends, node),
  });
}

/** What the entries of before may refer to. */
function keysOf({ task: { bench, job, volume } }: Ends, node: NodeId): Record<string, Secret> {
  const pair = bench.volumes.all.get(volume.volume)?.pairs.find(({ initiator }) => initiator === job.node);
  if (pair?.hostnqn === undefined) return {};
  const keys = new PairKeys(bench, { initiator: job.node, hostnqn: pair.hostnqn });
  const versions = new Set([pair.keyVersion ?? volume.keyVersion, volume.keyVersion]);
  const values = [...versions].map((version) =>
    node === job.node
      ? keys.forInitiator(volume.nqn, version, proofsOf(volume)).values
      : keys.forTarget(node, version, proofsOf(volume)).values,
  );
  return Object.assign({}, ...values);
}

type Sharing = (change: Change, spec: Spec, was: Entry | null) => Change[];

/** What other pairs have of a target's end by now stays theirs. */
function sharing({ task: { bench, job, volume } }: Ends, node: NodeId, way: Way): Sharing {
  const now = bench.volumes.all.get(volume.volume) ?? volume;
  const own = now.pairs.find(({ initiator }) => initiator === job.node)?.hostnqn;
  const hasOthers = now.pairs.some(
    ({ initiator, ready, open }) => initiator !== job.node && (ready || open !== undefined),
  );
  return (change, spec, was) => {
    if (change.kind === "nvmet_host") return isHostUsed(bench.volumes.onTarget(node), own, volume) ? [] : [change];
    const { address, service_id } = change.resource;
    if (change.kind === "nvmet_port" && typeof address === "string" && typeof service_id === "string") {
      if (isPortUsed(bench.volumes.onTarget(node), node, { address, service_id }, volume)) return [];
    }
    if (!hasOthers) return [change];
    if (change.kind !== "nvmet_subsystem" || own === undefined) return [];
    const has = spec.entries[change.key]?.resource ?? {};
    const hosts = Array.isArray(has.allowed_hosts) ? has.allowed_hosts : [];
    const isIn = hosts.includes(own);
    const wasIn = Array.isArray(was?.resource.allowed_hosts) && was.resource.allowed_hosts.includes(own);
    if (isIn === wasIn || (way === "restore") !== wasIn) return [];
    const allowed = wasIn ? [...hosts, own] : hosts.filter((host) => host !== own);
    const once = { exclusive: true, end_sessions: false };
    return [{ ...change, resource: { ...has, allowed_hosts: allowed, ...once, state: "present" }, exact: true }];
  };
}
