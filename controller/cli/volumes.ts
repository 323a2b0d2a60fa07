import { formatSize } from "../../shared/size.ts";
import { type GivenVolume, VolumesAnswer } from "../api/volume-messages.ts";
import type { PairHealth, VolumeState } from "../fleet/volume-health.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import type { Paint } from "./paint.ts";
import { renderTable } from "./table.ts";

export interface VolumesOptions extends CommonOptions {
  explain?: boolean;
}

/** Shows every volume on every initiator, and what nobody declared. */
export async function volumes(context: Context, pattern: string | undefined, options: VolumesOptions): Promise<number> {
  const query = pattern === undefined ? "" : `?pattern=${encodeURIComponent(pattern)}`;
  const answer = await clientOf(context, options).get(`/v1/volumes${query}`, VolumesAnswer);
  const given = new Map(answer.volumes.map((volume) => [volume.volume, volume]));
  if (wantsJson(options)) {
    for (const pair of answer.pairs)
      context.out(`${JSON.stringify({ is: "volume", ...given.get(pair.volume), ...pair })}\n`);
    for (const orphan of answer.orphans) context.out(`${JSON.stringify({ is: "orphan", ...orphan })}\n`);
    return exitCodes.fine;
  }
  if (answer.pairs.length === 0)
    context.say(
      pattern === undefined ? "There are no volumes. A pair play makes them.\n" : `${pattern} has no volumes.\n`,
    );
  else if (options.explain) context.out(renderGiven(answer.pairs, given, context.paint));
  else context.out(renderPairs(answer.pairs, given, context.paint));
  for (const { says } of answer.orphans) context.out(`${context.paint.warning("orphan")}: ${says}\n`);
  return exitCodes.fine;
}

/** Paints a state as health does. */
export function paintState(state: VolumeState, paint: Paint): string {
  const colours: Record<VolumeState, (text: string) => string> = {
    healthy: paint.ok,
    drifted: paint.changed,
    degraded: paint.changed,
    working: paint.changed,
    allocated: paint.skipped,
    unknown: paint.warning,
    "in doubt": paint.warning,
    failed: paint.failed,
  };
  return colours[state](state);
}

function renderPairs(
  pairs: readonly PairHealth[],
  given: ReadonlyMap<string, Pick<GivenVolume, "size">>,
  paint: Paint,
): string {
  return renderTable(
    ["VOLUME", "INITIATOR", "SIZE", "TARGETS", "DEVICE", "PATHS", "STATE", "WHY"],
    pairs.map(({ volume, initiator, targets, device, paths, state, reasons }) => [
      volume,
      initiator,
      formatSize(given.get(volume)?.size ?? 0),
      targets.join(" "),
      device,
      `${paths.live}/${paths.expected}`,
      paintState(state, paint),
      reasons.join("; "),
    ]),
  );
}

/** What was given out for each volume, and why it lies where it does. */
function renderGiven(pairs: readonly PairHealth[], given: ReadonlyMap<string, GivenVolume>, paint: Paint): string {
  const texts = [...given.values()].map((volume) => {
    const own = pairs.filter((pair) => pair.volume === volume.volume);
    return [
      volume.volume,
      ...own.map(({ initiator, state, reasons }) => [initiator, paintState(state, paint), ...reasons].join(": ")),
      ...volume.legs.map(
        ({ target, device, ana }) =>
          `drive: ${device} on ${target}${volume.legs.length > 1 ? ` (${ana})` : ""}, ${formatSize(volume.size)}`,
      ),
      `why:   ${whyOf(volume)}`,
      `given: ${new Date(volume.at).toISOString().slice(0, 19)}Z, drive ${volume.drive}`,
      ...volume.legs.flatMap(({ target, ports }) =>
        ports.map(
          ({ id, address, service_id, leaving }) =>
            `path:  port ${id} of ${target}, ${volume.transport} ${address}:${service_id}${leaving ? " (leaving)" : ""}`,
        ),
      ),
      `ids:   ${volume.nqn}, namespace ${volume.nsid}`,
      `       uuid ${volume.uuid}, nguid ${volume.nguid}, serial ${volume.serial}`,
    ].join("\n  ");
  });
  return `${texts.join("\n\n")}\n`;
}

/** Why a volume lies on its drive, in a sentence. */
function whyOf({ why }: Pick<GivenVolume, "why">): string {
  switch (why.is) {
    case "named":
      return "its pair play names this drive";
    case "smallest":
      return `the smallest free drive that fits, on the target that had the fewest volumes then (${why.load})`;
    case "moved_over":
      return "moved over: another volume of the same play could only lie where this one would have";
    case "kept":
      return "kept: it lay there before";
  }
}
