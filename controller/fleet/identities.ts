import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Report } from "../../shared/protocol/report.ts";
import type { NodeNews } from "./news.ts";
import { expectedTogether } from "./several-targets.ts";

/** Something that must be there once in a fleet, and is on two machines. */
export type IdentityConflict =
  /** Hosts that targets take for one. Both where the same nodes share both, as clones of an image do. */
  | { is: "host"; hostnqn?: string; hostid?: string; holders: readonly HostHolder[] }
  /** A subsystem that initiators take for one, and that nobody meant to be on several targets. */
  | { is: "subsystem"; nqn: string; holders: readonly Holder[] }
  /** A subsystem that is meant to be on several targets, one namespace of which has other ids on each. */
  | { is: "legs"; nqn: string; nsid: number; holders: readonly Holder[] }
  /** A namespace in several subsystems: hosts from 6.1 on ignore the second one. */
  | { is: "namespace"; uuid: string; holders: readonly NamespaceHolder[] };

export interface Holder {
  node: NodeId;
}

export interface HostHolder extends Holder {
  /** Only the connection to this subsystem has the NQN; left out where it is the node's own. */
  connection?: string;
}

export interface NamespaceHolder extends Holder {
  nqn: string;
  nsid: number;
}

/**
 * Finds what must be there once and is not, in what all nodes reported last, those included that are silent now. Two nodes of
 * one boot are one machine that is enrolled twice, and no conflict. `isMeant` says which subsystems are meant to be on several
 * targets; one that an initiator's spec expects on all of them is meant, too. Controller ids are in no report: whether those of
 * the legs are apart is not looked at. Pure; grows with the number of exports and connections.
 */
export function conflictsOf(
  nodes: readonly NodeNews[],
  isMeant: (nqn: string) => boolean = () => false,
): IdentityConflict[] {
  return [...hostConflicts(nodes), ...subsystemConflicts(nodes, isMeant), ...namespaceConflicts(nodes)];
}

/** What these holders of each node say by key, for the keys that two machines have. Most are there once, and need no list. */
function onSeveral<H extends Holder>(
  nodes: readonly NodeNews[],
  placesOf: (node: NodeId, report: Report) => readonly (readonly [key: string, holder: H])[],
): Map<string, H[]> {
  const machines = new Map<string, string>();
  const several = new Map<string, H[]>();
  for (const { id, report } of nodes) {
    for (const [key] of report === undefined ? [] : placesOf(id, report)) {
      const machine = machines.get(key);
      if (machine === undefined) machines.set(key, report?.bootId ?? "");
      else if (machine !== report?.bootId) several.set(key, []);
    }
  }
  if (several.size === 0) return several;
  for (const { id, report } of nodes) {
    for (const [key, holder] of report === undefined ? [] : placesOf(id, report)) {
      const holders = several.get(key);
      if (holders !== undefined && holders.at(-1)?.node !== id) holders.push(holder);
    }
  }
  return several;
}

function hostConflicts(nodes: readonly NodeNews[]): IdentityConflict[] {
  const names = onSeveral<HostHolder>(nodes, (node, { host, connections }) => [
    ...(host?.hostnqn === undefined ? [] : [[host.hostnqn, { node }] as const]),
    ...connections
      .filter(({ hostnqn }) => hostnqn !== "" && hostnqn !== host?.hostnqn)
      // An older agent does not say which one is its own.
      .map(({ hostnqn, nqn }) => [hostnqn, host === undefined ? { node } : { node, connection: nqn }] as const),
  ]);
  const ids = onSeveral<HostHolder>(nodes, (node, { host }) =>
    host?.hostid === undefined ? [] : [[host.hostid.toLowerCase(), { node }]],
  );
  const nodesOf = (holders: readonly HostHolder[]) => holders.map(({ node }) => node).join(" ");
  const idBy = new Map([...ids].map(([hostid, holders]) => [nodesOf(holders), hostid]));
  const byName = [...names].map(([hostnqn, holders]): IdentityConflict => {
    const hostid = idBy.get(nodesOf(holders));
    if (hostid !== undefined) ids.delete(hostid);
    return { is: "host", hostnqn, ...(hostid === undefined ? {} : { hostid }), holders };
  });
  return [...byName, ...[...ids].map(([hostid, holders]) => ({ is: "host" as const, hostid, holders }))];
}

/** What no port exports is no use to anybody, and no harm. */
const exported = ({ exports }: Report) => exports.filter(({ ports }) => ports.length > 0);

function subsystemConflicts(nodes: readonly NodeNews[], isMeant: (nqn: string) => boolean): IdentityConflict[] {
  const several = onSeveral<Holder>(nodes, (node, report) => exported(report).map(({ nqn }) => [nqn, { node }]));
  if (several.size === 0) return [];
  const unmeant = new Set([...several.keys()].filter((nqn) => !isMeant(nqn)));
  const together = expectedTogether(nodes, unmeant);
  const strangers = [...several].filter(
    ([nqn, holders]) => unmeant.has(nqn) && !holders.every(({ node }) => together.get(nqn)?.has(node)),
  );
  const apart = new Set(strangers.map(([nqn]) => nqn));
  return [
    ...strangers.map(([nqn, holders]) => ({ is: "subsystem" as const, nqn, holders })),
    ...legConflicts(nodes, new Set([...several.keys()].filter((nqn) => !apart.has(nqn)))),
  ];
}

/** Linux keeps the first leg's namespace and refuses the others ("IDs don't match for shared namespace"). */
function legConflicts(nodes: readonly NodeNews[], nqns: ReadonlySet<string>): IdentityConflict[] {
  const seen = new Map<string, { ids: string; differ: boolean; nqn: string; nsid: number; holders: Holder[] }>();
  for (const { id, report } of nqns.size === 0 ? [] : nodes) {
    for (const { nqn, namespaces } of report === undefined ? [] : exported(report)) {
      if (!nqns.has(nqn)) continue;
      for (const { nsid, uuid, nguid } of namespaces) {
        const ids = `${uuid} ${nguid}`;
        const leg = seen.get(`${nsid} ${nqn}`) ?? { ids, differ: false, nqn, nsid, holders: [] };
        seen.set(`${nsid} ${nqn}`, leg);
        leg.holders.push({ node: id });
        leg.differ ||= leg.ids !== ids;
      }
    }
  }
  return [...seen.values()]
    .filter(({ differ }) => differ)
    .map(({ nqn, nsid, holders }) => ({ is: "legs" as const, nqn, nsid, holders }));
}

function namespaceConflicts(nodes: readonly NodeNews[]): IdentityConflict[] {
  const several = onSeveral<NamespaceHolder>(nodes, (node, report) =>
    exported(report).flatMap(({ nqn, namespaces }) =>
      namespaces.flatMap(({ nsid, uuid }) => (uuid === "" ? [] : [[uuid.toLowerCase(), { node, nqn, nsid }] as const])),
    ),
  );
  // In one subsystem it is one namespace with several legs, or the subsystem itself is there twice, which says more.
  return [...several]
    .filter(([, holders]) => new Set(holders.map(({ nqn }) => nqn)).size > 1)
    .map(([uuid, holders]) => ({ is: "namespace" as const, uuid, holders }));
}
