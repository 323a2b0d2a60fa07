import { FlashfleetError } from "../../shared/errors.ts";
import { Facts } from "../../shared/protocol/facts.ts";
import { isJsonRecord } from "../../shared/protocol/json.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import { type DriveView, drivesOf, holdersOf } from "../fleet/drives.ts";
import type { EvaluatedArguments } from "./arguments.ts";
import { type Bench, gatherFacts, type Job, performAction } from "./perform.ts";

/**
 * Wipes a drive of a node, and gives it back to those that volumes may take. One that a volume lies on is refused, whatever
 * `override` says: it may be made or in doubt, and in no use that the node knows of. Throws `device_in_use`.
 */
export async function performWipe(bench: Bench, job: Job, args: EvaluatedArguments): Promise<Done> {
  const { volumes } = bench;
  const { device } = args.parsed;
  const asked = await gatherFacts(bench, { ...job, call: `${job.call}_facts` });
  const facts = Facts.safeParse(asked.result);
  if (!facts.success) {
    if (asked.error !== undefined) return asked;
    throw new FlashfleetError("bad_message", `cannot read the facts of ${job.node}`);
  }
  const drives = drivesOf(job.node, facts.data.drives, holdersOf(volumes.all.values()), volumes.dirty);
  const named = drives.find(({ names }) => names.some((name) => name === device));
  const held = named === undefined ? drives.find(({ state }) => state === "volume") : named;
  if (held?.state === "volume") throw refusal(job, String(device), named);
  const done = await performAction(bench, job, "drive_wipe", args);
  if (done.outcome !== "ok" && done.outcome !== "changed") return done;
  const path = isJsonRecord(done.result) ? done.result.path : undefined;
  const wiped = named ?? drives.find(({ names }) => names.some((name) => name === path));
  if (wiped !== undefined) await volumes.clean(wiped.id);
  return done;
}

/** Of another name than those of its facts nobody knows here which drive it means. */
function refusal({ node }: Job, device: string, named: DriveView | undefined): FlashfleetError {
  return named === undefined
    ? new FlashfleetError("device_in_use", `cannot wipe ${device} of ${node}: volumes lie on drives of ${node}`, {
        hint: "name it as flashfleet drive list does, so that it is plain that it is none of theirs",
      })
    : new FlashfleetError("device_in_use", `cannot wipe ${device} of ${node}: volume ${named.volume} lies on it`, {
        hint: "state: absent on the volume in its pair play removes that first",
      });
}
