import type { NodeId } from "../../shared/protocol/ids.ts";
import { formatSize } from "../../shared/size.ts";
import type { Placement } from "./placement.ts";
import { type Obstacle, type Target, type Unmet, unmetBy, type Want } from "./want.ts";

/** What the drives of some targets are, for all wants of one size that found none of them. */
interface Survey {
  drives: number;
  small: number;
  held: number;
  obstacles: Map<Obstacle["is"], number>;
  /** Free, and large enough: something of the want itself is in the way. */
  free: { target: Target; device: string }[];
  /** The largest one that is free, and too small. */
  nearest: { node: NodeId; device: string; size: number } | undefined;
}

const words: Readonly<Record<Obstacle["is"], string>> = {
  use: "in use",
  signature: "with data on them",
  dirty: "released and not wiped",
  pool: "in no pool",
  read_only: "read-only",
};

/** Says of a want that no drive was found for what there is, what is in the way, and what comes nearest. */
export type Explainer = (want: Want) => Unmet;

/** An {@link Explainer} that looks at the drives of the same targets once for each size. */
export function explainer(placement: Placement): Explainer {
  const surveys = new Map<readonly NodeId[], Map<number, Survey>>();
  return (want) => {
    const bySize = surveys.get(want.targets) ?? new Map<number, Survey>();
    surveys.set(want.targets, bySize);
    const found = bySize.get(want.size) ?? survey(placement, want);
    bySize.set(want.size, found);
    return explain(want, found);
  };
}

function survey({ stock }: Placement, { targets, size }: Want): Survey {
  const found: Survey = { drives: 0, small: 0, held: 0, obstacles: new Map(), free: [], nearest: undefined };
  for (const node of targets.toSorted()) {
    const target = stock.shelf(node);
    for (const drive of target?.drives.toSorted((a, b) => (a.device < b.device ? -1 : 1)) ?? []) {
      found.drives++;
      const [obstacle] = drive.obstacles;
      if (stock.holderOf(drive.id) !== undefined) found.held++;
      else if (obstacle !== undefined) found.obstacles.set(obstacle.is, (found.obstacles.get(obstacle.is) ?? 0) + 1);
      else if (drive.size >= size && target !== undefined) found.free.push({ target, device: drive.device });
      else {
        found.small++;
        if (drive.size > (found.nearest?.size ?? 0)) found.nearest = { node, device: drive.device, size: drive.size };
      }
    }
  }
  return found;
}

function explain(want: Want, found: Survey): Unmet {
  const { spread, targets } = want;
  const where = `${targets.length} target${targets.length === 1 ? "" : "s"}`;
  const reason = `no free drive of at least ${formatSize(want.size)} on ${where}`;
  const [free] = found.free;
  if (free !== undefined) {
    const lacks = found.free.find(({ target }) => spread !== undefined && target.variables[spread] === undefined);
    const hint =
      spread === undefined
        ? `${free.target.node} is the initiator itself: local: allow lets it have its own`
        : lacks === undefined
          ? `targets with another ${spread} are needed; nearest: ${free.device} on ${free.target.node} (${spread} ${free.target.variables[spread]})`
          : `${lacks.target.node} has a drive, and no variable ${spread}`;
    return unmetBy(want, `${reason} that it may have`, hint);
  }
  const counts: [number, string][] = [
    [found.held, "of other volumes"],
    ...[...found.obstacles].map(([is, drives]): [number, string] => [drives, words[is]]),
    [found.small, "too small"],
  ];
  const parts = counts.filter(([drives]) => drives > 0).map(([drives, says]) => `${drives} ${says}`);
  const dirty = found.obstacles.get("dirty") ?? 0;
  const nearest =
    found.nearest === undefined
      ? `add drives or targets, or free some${dirty === 0 ? "" : ": flashfleet drive wipe for those that were released"}`
      : `nearest: ${found.nearest.device} on ${found.nearest.node} with ${formatSize(found.nearest.size)}`;
  return unmetBy(want, parts.length === 0 ? `no drive on ${where}` : `${reason}: ${parts.join(", ")}`, nearest);
}
