import { wildcardTest } from "../inventory/wildcards.ts";
import type { Volume } from "../pairing/volume.ts";

/** Whether text can only be the name of a volume, and no pattern of nodes: `db07/data`, `share:quorum`. */
export function isVolumeName(text: string): boolean {
  return text.includes("/") || text.startsWith("share:");
}

/** A test for volumes by their names: that in the fleet, `db0?/data`, or that in its play, `data`; `*` and `?` stand for others. */
export function volumeTest(pattern: string): (volume: Pick<Volume, "volume" | "name">) => boolean {
  const matches = wildcardTest(pattern);
  return ({ volume, name }) => matches(volume) || matches(name);
}
