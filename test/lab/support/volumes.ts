import * as z from "zod";
import { GivenVolume } from "../../../controller/api/volume-messages.ts";
import { DriveView } from "../../../controller/fleet/drives.ts";
import { PairHealth, type VolumeState } from "../../../controller/fleet/volume-health.ts";
import type { Millis } from "../../../shared/clock.ts";
import { FlashfleetError } from "../../../shared/errors.ts";
import { timed } from "../lab-test.ts";
import type { ControllerProcess } from "./controller-process.ts";

const VolumeLine = z.object({ is: z.literal("volume"), ...GivenVolume.shape, ...PairHealth.shape });
export type VolumeLine = z.infer<typeof VolumeLine>;

const WITHIN: Millis = 120_000;

/** What `flashfleet volumes` says of all volumes; one that nobody declared is an error. */
export async function volumesOf(controller: ControllerProcess): Promise<VolumeLine[]> {
  return z.array(VolumeLine).parse(linesOf(await controller.output("volumes", "-o", "json")));
}

/** The same of one volume, by its name in the fleet. @throws {FlashfleetError} `not_found` */
export async function volumeOf(controller: ControllerProcess, name: string): Promise<VolumeLine> {
  const found = (await volumesOf(controller)).find(({ volume }) => volume === name);
  if (found !== undefined) return found;
  throw new FlashfleetError("not_found", `cannot find volume ${name}: flashfleet volumes does not have it`);
}

/**
 * Asks until `flashfleet volumes` says so of a volume, and prints how long that took.
 * @throws {FlashfleetError} `deadline` with what it said last
 */
export function volumeBecomes(controller: ControllerProcess, name: string, state: VolumeState): Promise<VolumeLine> {
  const expiry = AbortSignal.timeout(WITHIN);
  return timed(`until flashfleet volumes shows ${name} ${state}`, async () => {
    for (;;) {
      const seen = await volumeOf(controller, name);
      if (seen.state === state) return seen;
      if (expiry.aborted) {
        const says = JSON.stringify(seen);
        throw new FlashfleetError("deadline", `cannot see ${name} ${state}: after ${WITHIN} ms it is ${says}`);
      }
    }
  });
}

/** What `flashfleet drive list` says of all drives. */
export async function drivesOf(controller: ControllerProcess): Promise<DriveView[]> {
  return z.array(DriveView).parse(linesOf(await controller.output("drive", "list", "-o", "json")));
}

function linesOf(text: string): unknown[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
}
