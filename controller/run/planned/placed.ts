import type { Exporter } from "../../pairing/place-volumes.ts";
import type { Volume } from "../../pairing/volume.ts";
import { staleError } from "./insist.ts";
import { shortDigest } from "./node-state.ts";
import type { PlannedVolume } from "./planned.ts";

/**
 * The volumes that a play takes from its plan, by name: those whose records are still as they were before. What a run has placed by
 * then, in an earlier play or an earlier life of its controller, stays as it is.
 */
export function volumesOfPlan(
  planned: readonly PlannedVolume[],
  play: number,
  all: ReadonlyMap<string, Volume>,
): Map<string, Volume> {
  const own = planned.filter((each) => each.play === play);
  const taken = own.filter(({ was, volume }) => {
    const now = all.get(volume.volume);
    return now === undefined ? was === undefined : shortDigest(now) === was;
  });
  return new Map(taken.map(({ volume }) => [volume.volume, volume]));
}

interface Placed {
  /** What the plan says, by name. */
  planned: ReadonlyMap<string, Volume>;
  /** Volumes that are there already. */
  all: ReadonlyMap<string, Volume>;
  /** What would be made now. */
  volumes: ReadonlyMap<string, Volume>;
  /** Targets as they are now. */
  exporters: readonly Exporter[];
}

/** Throws `plan_stale` where something else would be made than what was planned, or on a drive that is not free any more. */
export function insistOnPlaces({ planned, all, volumes, exporters }: Placed): void {
  const targets = new Map(exporters.map((each) => [each.node, each]));
  const sentences = [...volumes].flatMap(([name, volume]) => {
    const plan = planned.get(name);
    if (plan === undefined) return all.has(name) ? [] : [`volume ${name}: it is not in the plan`];
    const told = [...differencesOf(plan, volume), ...(all.has(name) ? [] : obstaclesOf(plan, targets))];
    return told.map((each) => `volume ${name}: ${each}`);
  });
  if (sentences.length > 0) throw staleError(sentences, "nothing of this play was done");
}

function differencesOf(plan: Volume, volume: Volume): string[] {
  const parts = [
    ["paths", ({ legs }: Volume) => legs],
    ["size", ({ size }: Volume) => size],
    ["keys", ({ authentication, keyVersion }: Volume) => ({ authentication, keyVersion })],
    ["connect options", ({ connect }: Volume) => connect],
    ["initiators", ({ pairs }: Volume) => pairs.map(({ initiator }) => initiator).sort()],
  ] as const;
  const others = parts.filter(([, part]) => shortDigest(part(plan)) !== shortDigest(part(volume)));
  return others.length === 0 ? [] : [`it would get other ${others.map(([name]) => name).join(" and ")}`];
}

/** A drive that was named may hold data; one that was found has to be as free as it was then. */
function obstaclesOf({ why, drive, legs }: Volume, targets: ReadonlyMap<string, Exporter>): string[] {
  if (why.is === "named" || why.is === "kept") return [];
  return legs.flatMap(({ target, device }) => {
    const exporter = targets.get(target);
    if (exporter === undefined) return [`its target ${target} does not answer`];
    const found = exporter.drives.find(({ id }) => id === drive);
    if (found === undefined) return [`its drive ${device} of ${target} is not there any more`];
    return found.obstacles.map(({ says }) => `its drive ${device} of ${target}: ${says}`);
  });
}
