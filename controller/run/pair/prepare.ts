import { FlashfleetError } from "../../../shared/errors.ts";
import { isSameJson } from "../../../shared/protocol/canonical.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import { placeVolumes } from "../../pairing/place-volumes.ts";
import { VolumeArguments } from "../../pairing/volume-arguments.ts";
import type { Unmet } from "../../pairing/want.ts";
import { type Asked, volumeKey } from "../../pairing/wants-of.ts";
import { volumeTasks } from "../../project/pair.ts";
import type { Play } from "../../project/playbook.ts";
import { evaluateArguments } from "../arguments.ts";
import { eachAtOnce } from "../each-at-once.ts";
import { playsOf } from "../plan.ts";
import { insistOnPlaces, volumesOfPlan } from "../planned/placed.ts";
import type { Stage } from "../stage.ts";
import { exportersOf } from "./exporters.ts";
import { isAbandoned } from "./perform-volume.ts";
import { hostsNamed } from "./target-hosts.ts";

/** Records that are written at once. */
const atOnce = 64;

/**
 * Gives every volume of a pair play its place, before anything is touched: what was given out before stays, what is new is kept
 * before anybody acts on it. Throws `volumes_unmet` with all that nothing was found for.
 */
export async function prepareVolumes(stage: Stage, play: Play, hosts: readonly string[]): Promise<void> {
  const { plan, bench, scopes } = stage;
  const tasks = volumeTasks(play);
  const asked = hosts.flatMap((host) =>
    tasks.map((task): Asked => {
      const scope = scopes.ofTask(play, hosts, task, host);
      const { parsed } = evaluateArguments(task.module, scope, task.place);
      return { host, initiator: scopes.nodeOf(host), arguments: VolumeArguments.parse(parsed) };
    }),
  );
  const present = asked.filter(({ initiator, arguments: args }) => {
    const known = bench.volumes.all.get(volumeKey(args, initiator));
    const isGivenUp = bench.abandoned.has(initiator) || (known && isAbandoned(known, initiator, bench.abandoned));
    return args.state === "present" && isGivenUp !== true;
  });
  if (present.length === 0) return;
  bench.identities.look(bench.fleet, bench.volumes, bench.clock.now());
  const patterns = new Map<string, NodeId[]>();
  const hostOf = new Map<NodeId, string>();
  for (const targets of new Set(present.map(({ arguments: args }) => args.targets ?? ""))) {
    const named = hostsNamed(plan, targets).map((name) => [scopes.nodeOf(name), name] as const);
    for (const [node, name] of named) hostOf.set(node, name);
    patterns.set(
      targets,
      named.map(([node]) => node),
    );
  }
  const kept = present.flatMap(
    ({ initiator, arguments: args }) => bench.volumes.all.get(volumeKey(args, initiator))?.legs ?? [],
  );
  const nodes = new Set([...[...patterns.values()].flat(), ...kept.map(({ target }) => target)]);
  const exporters = await exportersOf(
    stage,
    play,
    { nodes, hostOf },
    new Set(present.flatMap(({ arguments: { spread } }) => spread ?? [])),
  );
  const index = playsOf(plan).indexOf(play);
  // A saved plan has given out names, drives and ports already: they are to be these very ones.
  const planned = volumesOfPlan(plan.planned?.volumes ?? [], index, bench.volumes.all);
  const { volumes, unmet } = placeVolumes({
    asked: present,
    nodesOf: (pattern) => patterns.get(pattern) ?? [],
    exporters: exporters.found,
    known: new Map([...bench.volumes.all, ...planned]),
    uuid: () => crypto.randomUUID(),
    now: bench.clock.wall(),
  });
  if (unmet.length > 0) throw unmetError(unmet, exporters.silent, present.length);
  if (plan.planned !== undefined)
    insistOnPlaces({ planned, all: bench.volumes.all, volumes, exporters: exporters.found });
  bench.record?.place(index, volumes.values());
  await eachAtOnce([...volumes.values()], atOnce, async (volume) => {
    // A second run leaves no trace.
    await bench.volumes.update(volume.volume, (now) => (now !== undefined && isSameJson(now, volume) ? now : volume));
  });
}

/** All of it at once, and who did not answer: more drives may be there. */
function unmetError(unmet: readonly Unmet[], silent: readonly NodeId[], of: number): FlashfleetError {
  const lines = unmet.map(({ volume, reason, hint }) => `${volume}: ${reason} (${hint})`);
  return new FlashfleetError(
    "volumes_unmet",
    `cannot place ${unmet.length} of ${of} volumes, and touches none:\n  ${lines.join("\n  ")}`,
    silent.length === 0 ? {} : { hint: `these targets did not answer, and may have drives: ${silent.join(", ")}` },
  );
}
