import { costs } from "../../../shared/protocol/cost.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { JsonRecord } from "../../../shared/protocol/json.ts";
import type { Spec } from "../../../shared/protocol/spec.ts";
import type { Change } from "../../fleet/specs.ts";
import { targetTombstones, type Wanted } from "../../pairing/resources.ts";
import type { Leg, Pair, Volume, VolumePort } from "../../pairing/volume.ts";
import type { Attempt } from "../call-module.ts";
import { aboutToChange, withBefore } from "./before.ts";
import { changeOf, Ends, type PairTask } from "./ends.ts";
import { isHostUsed, isPortUsed } from "./shared-entries.ts";
import { undoPair } from "./undo-pair.ts";
import { withPair } from "./with-pair.ts";

/**
 * Takes a volume from one of its initiators: disconnected there first, guarded, then no longer let in at the targets; with its
 * last initiator the export goes. Its data stay, and its drive is nobody's until it is wiped. Ends that are given up are left out.
 */
export async function endVolume(task: PairTask, abandoned: ReadonlySet<NodeId> = new Set()): Promise<Attempt> {
  const ends = new Ends(task);
  const { volume, job, bench } = task;
  const { pair, isLast } = standing(task);
  try {
    const isGone = abandoned.has(job.node);
    if (!isGone) await disconnect(ends);
    for (const leg of volume.legs) {
      const stays = (port: VolumePort) => isPortUsed(bench.volumes.onTarget(leg.target), leg.target, port, volume);
      const wanted = isLast ? targetTombstones(volume, leg, stays) : [];
      if (!abandoned.has(leg.target)) await atTarget(ends, leg, wanted, pair, isGone);
    }
    if (isLast && (pair?.ready === true || pair?.open !== undefined))
      await bench.volumes.soil(dirtyDriveOf(volume, bench.clock.wall()));
    await bench.volumes.update(volume.volume, (now) => {
      const left = now && withPair(now, job.node, () => undefined);
      return left?.pairs.length === 0 ? undefined : left;
    });
    return {
      outcome: "changed",
      result: { volume: volume.volume, state: "absent", ...given(abandoned) },
      steps: ends.steps,
    };
  } catch (error) {
    return { ...(await undoPair(ends, error)), steps: ends.steps };
  }
}

function given(abandoned: ReadonlySet<NodeId>): JsonRecord {
  return abandoned.size === 0 ? {} : { abandoned: [...abandoned] };
}

function standing({ bench, volume, job }: PairTask): { pair: Pair | undefined; isLast: boolean } {
  const now = bench.volumes.all.get(volume.volume) ?? volume;
  return {
    pair: now.pairs.find(({ initiator }) => initiator === job.node),
    isLast: now.pairs.every(({ initiator }) => initiator === job.node),
  };
}

function dirtyDriveOf({ drive, volume, legs }: Volume, at: number) {
  return { drive, volume, legs: legs.map(({ target, device }) => ({ target, device })), at };
}

function disconnect(ends: Ends) {
  const { volume, job } = ends.task;
  const gone = changeOf({ kind: "nvme_connection", resource: { nqn: volume.nqn, state: "absent" } }, volume.volume);
  return edit(ends, job.node, "disconnect it", (spec) => (spec.entries[gone.key] === undefined ? [] : [gone]));
}

async function atTarget(
  ends: Ends,
  { target }: Leg,
  tombstones: readonly Wanted[],
  pair: Pair | undefined,
  isGone: boolean,
): Promise<void> {
  const { volume, bench } = ends.task;
  const hostnqn = pair?.hostnqn;
  const key = `nvmet_subsystem ${volume.nqn}`;
  const isHostFree = !isHostUsed(bench.volumes.onTarget(target), hostnqn, volume);
  await edit(ends, target, tombstones.length === 0 ? "let it in no more" : "remove its export", (spec) => {
    const known = tombstones.map((each) => changeOf(each, volume.volume)).filter((each) => spec.entries[each.key]);
    const host = spec.entries[`nvmet_host ${hostnqn}`];
    const hosts: Change[] =
      host === undefined || !isHostFree || hostnqn === undefined
        ? []
        : [changeOf({ kind: "nvmet_host", resource: { nqn: hostnqn, state: "absent" } }, volume.volume)];
    if (tombstones.length > 0) return [...known, ...hosts];
    const has = spec.entries[key];
    const allowed = Array.isArray(has?.resource.allowed_hosts) ? has.resource.allowed_hosts : [];
    if (has === undefined || !allowed.some((each) => each === hostnqn)) return hosts;
    const rest = { ...has.resource, allowed_hosts: allowed.filter((each) => each !== hostnqn) };
    // One that has disconnected by itself has no session left: nobody else need notice.
    const once = { exclusive: true, end_sessions: isGone };
    return [
      { kind: "nvmet_subsystem", key, owner: has.owner, exact: true, resource: { ...rest, ...once, state: "present" } },
      ...hosts,
    ];
  });
}

async function edit(ends: Ends, node: NodeId, says: string, changes: (spec: Spec) => readonly Change[]): Promise<void> {
  const { bench, volume, job } = ends.task;
  const remembered = async (spec: Spec) => {
    const made = changes(spec);
    const more = aboutToChange(spec, made);
    if (Object.keys(more).length > 0) {
      await bench.volumes.update(
        volume.volume,
        (now) =>
          now &&
          withPair(now, job.node, (pair) => ({
            ...pair,
            open: { does: "end", before: withBefore(pair.open?.before ?? {}, node, more) },
          })),
      );
    }
    return made;
  };
  await ends.edit({ node, says, changes: remembered, subject: `nvmet_subsystem ${volume.nqn}`, costs });
}
