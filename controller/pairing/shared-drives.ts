import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Found } from "./named.ts";
import type { Placement } from "./placement.ts";
import { type Drive, type Unmet, unmetBy, type Want } from "./want.ts";

/** The smallest free drive that two or more of the targets see, of which each becomes a leg of the volume. */
export function findShared({ stock }: Placement, want: Want): Found | Unmet {
  const seen = new Map<string, { drive: Drive; legs: { target: NodeId; device: string }[]; isFree: boolean }>();
  for (const target of want.targets.toSorted()) {
    if (!want.local && target === want.initiator) continue;
    for (const drive of stock.shelf(target)?.drives ?? []) {
      const found = seen.get(drive.id) ?? { drive, legs: [], isFree: true };
      seen.set(drive.id, found);
      found.legs.push({ target, device: drive.device });
      // In use on one of them is in use.
      found.isFree &&= stock.isFree(drive);
    }
  }
  const shared = [...seen.values()].filter(({ legs }) => legs.length > 1);
  const [best] = shared
    .filter(({ drive, isFree }) => isFree && drive.size >= want.size)
    .sort((a, b) => a.drive.size - b.drive.size || (a.drive.id < b.drive.id ? -1 : 1));
  if (best !== undefined) return best;
  return unmetBy(
    want,
    `of ${shared.length} drives that more than one target sees, none is free and large enough`,
    "backing: shared needs a drive with two ports, or a LUN, that several of the targets see with one wwid",
  );
}
