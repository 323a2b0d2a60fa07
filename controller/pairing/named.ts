import type { Placement } from "./placement.ts";
import { type Allocation, type Drive, type Unmet, unmetBy, type Want } from "./want.ts";

export interface Found {
  drive: Pick<Drive, "id" | "size">;
  legs: Allocation["legs"];
}

/** The drive that a want names, or the file or block device of its only target. */
export function findNamed({ stock }: Placement, want: Want & { device: string }): Found | Unmet {
  const { device, targets } = want;
  const seen = targets.toSorted().flatMap((target) => {
    const drive = stock.shelf(target)?.drives.find(({ names }) => names.includes(device));
    return drive === undefined ? [] : [{ target, drive }];
  });
  const ids = new Set(seen.map(({ drive }) => drive.id));
  const [first] = seen;
  if (first === undefined) return fileOf(want);
  if (seen.length > 1 && (want.backing === "single" || ids.size > 1)) {
    const on = listed(seen.map(({ target }) => target));
    return ids.size > 1
      ? unmetBy(want, `${on} each have a ${device} of their own`, "say which one: targets: on the volume")
      : unmetBy(want, `${on} see the same drive`, "say who exports it: targets: on the volume, or backing: shared");
  }
  const refusal = refusalOf(want, first.drive, stock.holderOf(first.drive.id));
  if (refusal !== undefined) return refusal;
  return { drive: first.drive, legs: seen.map(({ target, drive }) => ({ target, device: drive.device })) };
}

/** Something that is no drive of its own: it is known by its target and its path, and its size shows at the preflight. */
function fileOf(want: Want & { device: string }): Found | Unmet {
  const { device, targets } = want;
  const [only, ...others] = targets;
  if (only === undefined || others.length > 0) {
    return unmetBy(
      want,
      `none of ${targets.length} targets has a drive ${device}`,
      "the names are in facts.drives; a file or a logical volume needs targets: with one node on the volume",
    );
  }
  return { drive: { id: `${only} ${device}`, size: want.size }, legs: [{ target: only, device }] };
}

/** One device of the same name on each of its targets, which somebody else keeps the same: as the operator says. */
export function findReplicated(want: Want & { device: string }): Found | Unmet {
  const { device, targets, optimized } = want;
  const first = targets.find((target) => target === optimized);
  if (first === undefined || targets.length < 2) {
    return unmetBy(
      want,
      `it has ${targets.length} targets, and the optimized one is ${optimized ?? "not named"}`,
      "what is replicated has two targets or more, of which optimized: names one",
    );
  }
  const order = [first, ...targets.filter((target) => target !== first).toSorted()];
  const id = `replicated ${targets.toSorted().join(" ")} ${device}`;
  return { drive: { id, size: want.size }, legs: order.map((target) => ({ target, device })) };
}

/** What stands in the way of a drive that was asked for by name: a use that no override names, another volume, its size. */
function refusalOf(want: Want, drive: Drive, holder: string | undefined): Unmet | undefined {
  if (holder !== undefined)
    return unmetBy(want, `${drive.device} is volume ${holder}'s`, "name another drive, or give a size instead");
  if (drive.size < want.size)
    return unmetBy(want, `${drive.device} has ${drive.size} bytes, fewer than ${want.size}`, "name a larger drive");
  const overridden = drive.names.some((name) => want.override.includes(name));
  const inTheWay = drive.obstacles.filter(({ is }) => is === "read_only" || (is === "use" && !overridden));
  if (inTheWay.length === 0) return undefined;
  const says = inTheWay.map(({ says: each }) => each).join("; ");
  return unmetBy(
    want,
    `${drive.device} cannot be taken: ${says}`,
    `free it first, or write override: [${drive.device}]`,
  );
}

export function listed(names: readonly string[]): string {
  const [last = ""] = names.slice(-1);
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
