import { isChosen } from "./focus.ts";
import type { Observation } from "./observe.ts";
import type { Drive, FabricsSubsystem, ObservedFabrics, ObservedNvmet, Seen } from "./observed.ts";

type Parts = Seen<"host" | "nvmet" | "fabrics" | "listeners" | "drives" | "sizes">;

/**
 * What is known of a node, with what a later observation showed of it: the sections that it has, and of their things those
 * that it was focused on. undefined where it names something of which nothing is known.
 */
export function refresh(known: Parts, { seen, focus }: Observation): Parts | undefined {
  const nvmet = seen.nvmet === undefined ? known.nvmet : refreshNvmet(known.nvmet, seen.nvmet);
  if (nvmet === undefined) return undefined;
  const fabrics =
    seen.fabrics === undefined
      ? known.fabrics
      : refreshFabrics(known.fabrics, seen.fabrics, (nqn) => isChosen(focus.connections, nqn));
  const drives = seen.drives === undefined ? known.drives : seen.drives.map((drive) => withLinks(drive, known.drives));
  const sizes = seen.sizes === undefined ? known.sizes : new Map([...known.sizes, ...seen.sizes]);
  return { host: seen.host ?? known.host, listeners: seen.listeners ?? known.listeners, nvmet, fabrics, drives, sizes };
}

function refreshNvmet(known: ObservedNvmet, seen: ObservedNvmet): ObservedNvmet | undefined {
  const subsystems = seen.names.subsystems.map((name) =>
    [...seen.subsystems, ...known.subsystems].find(({ nqn }) => nqn === name),
  );
  if (subsystems.includes(undefined)) return undefined;
  return { ...seen, subsystems: subsystems.filter((each) => each !== undefined) };
}

function refreshFabrics(
  known: ObservedFabrics,
  seen: ObservedFabrics,
  isSeen: (nqn: string) => boolean,
): ObservedFabrics {
  const subsystems = [...known.subsystems.filter(({ nqn }) => !isSeen(nqn)), ...seen.subsystems];
  return { ...seen, subsystems: subsystems.toSorted(byPlace) };
}

/** As they are observed: those that sysfs names in its order, then the others. */
function byPlace(a: FabricsSubsystem, b: FabricsSubsystem): number {
  if (a.name === "" || b.name === "") return Number(a.name === "") - Number(b.name === "");
  return a.name < b.name ? -1 : 1;
}

/** Links that this observation did not look for lead where they led. */
function withLinks(drive: Drive, known: readonly Drive[]): Drive {
  const before = known.find(
    ({ path, wwid, serial }) => path === drive.path && wwid === drive.wwid && serial === drive.serial,
  );
  return before === undefined ? drive : { ...drive, byId: [...new Set([...before.byId, ...drive.byId])].sort() };
}
