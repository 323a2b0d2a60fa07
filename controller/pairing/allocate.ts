import type { NodeId } from "../../shared/protocol/ids.ts";
import { makeRoom, type Patience } from "./make-room.ts";
import { type Found, findNamed, findReplicated } from "./named.ts";
import { Placement } from "./placement.ts";
import { findShared } from "./shared-drives.ts";
import type { Stock } from "./stock.ts";
import { type Allocation, type Target, type Unmet, unmetBy, type Want } from "./want.ts";
import { explainer } from "./why-nothing-fits.ts";

export interface Allocations {
  /** By volume, in the order of their names: of the wants, and of all that was kept. */
  allocations: ReadonlyMap<string, Allocation>;
  /** All that nothing was found for. */
  unmet: readonly Unmet[];
}

/** Drives looked at while volumes move over, in all: some seconds' worth. */
const patience = 5_000_000;

/**
 * Finds a drive for every want. What was found before stays. Of the free drives that are large enough the smallest is taken,
 * on the target with the fewest volumes; where that leaves a want unmet, volumes of the same round move over. The result
 * depends on names and sizes alone, not on any order in the input.
 *
 * `kept` has what is allocated in the whole fleet, also of volumes that are not among the wants.
 */
export function allocate(
  targets: readonly Target[],
  wants: readonly Want[],
  kept: ReadonlyMap<string, Allocation>,
): Allocations {
  const placement = new Placement(targets, wants, kept);
  const unmet: Unmet[] = [];
  const open: Want[] = [];
  const settle = (want: Want, found: Found | Unmet) => {
    if ("reason" in found) unmet.push(found);
    else placement.place(want, found.drive, found.legs, { is: "named" });
  };
  for (const want of placement.wants) {
    const before = kept.get(want.volume);
    const { device } = want;
    if (before !== undefined) unmet.push(...changesOf(placement, want, before));
    else if (device !== undefined && want.backing === "replicated") settle(want, findReplicated({ ...want, device }));
    else if (device !== undefined) settle(want, findNamed(placement, { ...want, device }));
    else open.push(want);
  }
  // What has the least choice comes first: shared drives, then large ones.
  const bySize = open.toSorted((a, b) => b.size - a.size);
  for (const want of bySize) if (want.backing === "shared") settle(want, findShared(placement, want));
  const left = bySize.filter((want) => want.backing === "single" && !placement.takeSmallest(want));
  const rest: Patience = { left: patience };
  const none = left.filter((want) => !makeRoom(placement, want, rest));
  const why = explainer(placement);
  unmet.push(...none.map((want) => why(want)));
  return {
    allocations: placement.result(),
    unmet: unmet.sort((a, b) => (a.volume < b.volume ? -1 : 1)),
  };
}

/** Whether it is as large by now: a file or a logical volume says so only when it is exported. */
function hasGrown(stock: Stock, target: NodeId, device: string, size: number): boolean {
  const drive = stock.shelf(target)?.drives.find(({ names }) => names.includes(device));
  return drive === undefined || drive.size >= size;
}

/** What a volume that is there would have to become, and cannot by itself. */
function changesOf({ stock }: Placement, want: Want, { id, size, legs }: Allocation): Unmet[] {
  const on = legs.map(({ target, device }) => `${device} of ${target}`).join(", ");
  const { device } = want;
  if (device !== undefined) {
    const named = legs.flatMap(
      ({ target }) => stock.shelf(target)?.drives.filter(({ names }) => names.includes(device)) ?? [],
    );
    const isSame = legs.some((leg) => leg.device === device) || named.some((drive) => drive.id === id);
    if (!isSame) {
      return [
        unmetBy(
          want,
          `it lies on ${on}, not on ${device}`,
          "a volume keeps its drive: remove it (state: absent) before it is made elsewhere",
        ),
      ];
    }
  }
  if (want.size <= size || legs.some(({ target, device: path }) => hasGrown(stock, target, path, want.size))) return [];
  return [
    unmetBy(
      want,
      `it lies on ${on} with ${size} bytes, and ${want.size} are asked for`,
      "a drive does not grow: make a new volume and copy; a file or logical volume is grown on its target first",
    ),
  ];
}
