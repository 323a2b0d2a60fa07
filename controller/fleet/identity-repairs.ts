import { FlashfleetError } from "../../shared/errors.ts";
import { namedUuid } from "../../shared/identity/named-uuid.ts";
import { nqnOfUuid } from "../../shared/nvme/nqn.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Holder, HostHolder, IdentityConflict } from "./identities.ts";

/** One node's part in a conflict. */
interface Part {
  node: NodeId;
  /** Whoever connects one of these is concerned: `host db01`, `subsystem nqn.x`, `uuid …`. */
  concerns: readonly string[];
  says(): string;
  /** What to do, with a command line to paste. */
  repair(): string;
}

/** What each node that has a part in a conflict should know, with the command that ends it. */
export function conflictReasons(conflicts: readonly IdentityConflict[]): ReadonlyMap<NodeId, readonly string[]> {
  const reasons = new Map<NodeId, string[]>();
  for (const part of conflicts.flatMap(partsOf)) {
    const those = reasons.get(part.node);
    const reason = `${part.says()}; ${part.repair()}`;
    if (those === undefined) reasons.set(part.node, [reason]);
    else those.push(reason);
  }
  return reasons;
}

/** A connection that is about to be made. */
export interface Intended {
  initiator: NodeId;
  nqn: string;
  /** Of its namespaces. */
  uuids: readonly string[];
}

/**
 * A function that gives the error `identity_conflict` for a connection that one of these conflicts stands in the way of, and
 * undefined for any other. Made once for many connections: each is looked up.
 */
export function conflictErrors(
  conflicts: readonly IdentityConflict[],
): (intended: Intended) => FlashfleetError | undefined {
  const first = new Map<string, Part>();
  for (const part of conflicts.flatMap(partsOf))
    for (const key of part.concerns) if (!first.has(key)) first.set(key, part);
  return ({ initiator, nqn, uuids }) => {
    const keys = [`host ${initiator}`, `subsystem ${nqn}`, ...uuids.map((uuid) => `uuid ${uuid.toLowerCase()}`)];
    const found = [...new Set(keys.flatMap((key) => first.get(key) ?? []))];
    if (found.length === 0) return undefined;
    return new FlashfleetError(
      "identity_conflict",
      `cannot connect ${initiator} to ${nqn}: ${found.map((part) => part.says()).join("; ")}`,
      { hint: found.map((part) => part.repair()).join("; ") },
    );
  };
}

function partsOf(conflict: IdentityConflict): Part[] {
  switch (conflict.is) {
    case "host":
      return conflict.holders.map((holder, at) => ({
        node: holder.node,
        concerns: [`host ${holder.node}`],
        says: () =>
          `${hostNames(conflict, holder)} is also that of ${others(conflict.holders, at)}: targets take them for one host`,
        repair: () => repairHost(conflict, holder),
      }));
    case "subsystem":
      return conflict.holders.map(({ node }, at) => ({
        node,
        concerns: [`subsystem ${conflict.nqn}`],
        says: () =>
          `subsystem ${conflict.nqn} of ${node} is also exported by ${others(conflict.holders, at)}, and nobody declared it on several targets: initiators take them for one and mix their data`,
        repair: () =>
          `where it is the copy, remove it: flashfleet exec ${node} nvmet_subsystem nqn=${conflict.nqn} state=absent`,
      }));
    case "legs":
      return conflict.holders.map(({ node }, at) => ({
        node,
        concerns: [`subsystem ${conflict.nqn}`],
        says: () =>
          `namespace ${conflict.nsid} of ${conflict.nqn} does not have one uuid and nguid on ${node} and ${others(conflict.holders, at)}: initiators refuse all but the first they meet`,
        repair: () => removeNamespace(node, conflict.nqn, conflict.nsid),
      }));
    case "namespace":
      return conflict.holders.map(({ node, nqn, nsid }, at) => ({
        node,
        concerns: [`uuid ${conflict.uuid}`, `subsystem ${nqn}`],
        says: () =>
          `uuid ${conflict.uuid} of namespace ${nsid} of ${nqn} on ${node} is also exported by ${others(conflict.holders, at)} in another subsystem: initiators ignore the second one they meet`,
        repair: () => removeNamespace(node, nqn, nsid),
      }));
  }
}

/** The nodes beside this one: three by name, because of clones there may be thousands. */
function others(holders: readonly Holder[], at: number): string {
  const some = holders
    .slice(0, 4)
    .filter((_, index) => index !== at)
    .slice(0, 3)
    .map(({ node }) => node);
  const more = holders.length - 1 - some.length;
  return more === 0 ? some.join(", ") : `${some.join(", ")} and ${more} more`;
}

type HostConflict = Extract<IdentityConflict, { is: "host" }>;

function hostNames({ hostnqn, hostid }: HostConflict, { node, connection }: HostHolder): string {
  const names = [
    ...(hostnqn === undefined ? [] : [`host NQN ${hostnqn}`]),
    ...(hostid === undefined ? [] : [`host id ${hostid}`]),
  ];
  const where = connection === undefined ? "" : ` in its connection to ${connection}`;
  return `the identity of ${node}${where} (${names.join(", ")})`;
}

function repairHost({ hostnqn, hostid }: HostConflict, { node, connection }: HostHolder): string {
  if (connection !== undefined)
    return `give its nvme_connection ${connection} another hostnqn, or none for the node's own`;
  // Made of whose it is and what it is now: the same whenever it is asked for, and another one on each node.
  const uuid = namedUuid("host identity", node, hostnqn ?? "", hostid ?? "");
  return `while it is connected to nothing, give it one of its own: flashfleet exec ${node} nvme_host_identity hostnqn=${nqnOfUuid(uuid)} hostid=${uuid}`;
}

function removeNamespace(node: NodeId, nqn: string, nsid: number): string {
  return `where it is the wrong one, remove it and declare it anew: flashfleet exec ${node} nvmet_subsystem nqn=${nqn} 'namespaces=[{"nsid":${nsid},"state":"absent"}]'`;
}
