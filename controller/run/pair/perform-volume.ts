import { FlashfleetError } from "../../../shared/errors.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Volume } from "../../pairing/volume.ts";
import { VolumeArguments } from "../../pairing/volume-arguments.ts";
import { volumeKey } from "../../pairing/wants-of.ts";
import type { EvaluatedArguments } from "../arguments.ts";
import type { Attempt, HostTask } from "../call-module.ts";
import type { Job } from "../perform.ts";
import { endVolume } from "./end-volume.ts";
import { pairVolume } from "./pair-volume.ts";

/** A volume of a pair play on one of its initiators: there, or gone. */
export async function performVolume(
  { bench, redaction }: Pick<HostTask, "bench" | "redaction">,
  job: Job,
  { parsed }: EvaluatedArguments,
): Promise<Attempt> {
  const args = VolumeArguments.parse(parsed);
  const name = volumeKey(args, job.node);
  // Of a volume that several share one pair is worked on at a time: what one undoes is not another's.
  return bench.volumes.alone(name, async () => {
    const volume = bench.volumes.all.get(name);
    if ((volume ?? args).authentication !== "none") redaction.hideDhchapKeys();
    const isHere = volume?.pairs.some(({ initiator }) => initiator === job.node) === true;
    const task = { bench, job, override: args.override };
    const isGivenUp =
      bench.abandoned.has(job.node) || (volume !== undefined && isAbandoned(volume, job.node, bench.abandoned));
    if (args.state === "absent" || isGivenUp) {
      if (volume === undefined || !isHere) return { outcome: "ok", result: { volume: name, state: "absent" } };
      return endVolume({ ...task, volume }, bench.abandoned);
    }
    if (volume === undefined)
      throw new FlashfleetError("internal", `cannot make volume ${name}: it was given no place`);
    return pairVolume({ ...task, volume });
  });
}

/** Whether an end of a pair is given up. */
export function isAbandoned({ legs }: Volume, initiator: NodeId, abandoned: ReadonlySet<NodeId>): boolean {
  return abandoned.has(initiator) || legs.some(({ target }) => abandoned.has(target));
}
