import * as z from "zod";
import { ErrorData } from "../../shared/errors.ts";
import { DriveView } from "../fleet/drives.ts";
import { Explanation } from "../fleet/explain.ts";
import { Orphan } from "../fleet/orphans.ts";
import { PairHealth } from "../fleet/volume-health.ts";
import { Volume } from "../pairing/volume.ts";

/** A volume as it was given out. */
export const GivenVolume = Volume.omit({ v: true, pairs: true });
export type GivenVolume = z.infer<typeof GivenVolume>;

export const VolumesAnswer = z.object({
  /** Of each volume one for each of its initiators. */
  pairs: z.array(PairHealth),
  volumes: z.array(GivenVolume),
  orphans: z.array(Orphan),
});
export type VolumesAnswer = z.infer<typeof VolumesAnswer>;

export const ExplainAnswer = z.object({ explanations: z.array(Explanation) });
export type ExplainAnswer = z.infer<typeof ExplainAnswer>;

export const DrivesAnswer = z.object({
  drives: z.array(DriveView),
  /** Nodes that could not be asked. */
  failed: z.array(z.object({ node: z.string(), error: ErrorData })),
});
export type DrivesAnswer = z.infer<typeof DrivesAnswer>;
