import type { NodeId } from "../../shared/protocol/ids.ts";
import type { ReportedEndpoint } from "../../shared/protocol/report.ts";
import type { NodeNews } from "./news.ts";

const endpointKey = ({ transport, address, serviceId }: ReportedEndpoint) => `${transport} ${address} ${serviceId}`;

/**
 * For each of these subsystems the targets that initiators' specs expect it on beside another one: whoever wrote paths to both
 * into one connection means them to be one. An address that two targets claim says nothing.
 */
export function expectedTogether(
  nodes: readonly NodeNews[],
  nqns: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<NodeId>> {
  const together = new Map<string, Set<NodeId>>();
  if (nqns.size === 0) return together;
  const targets = targetsOf(nodes, nqns);
  for (const { report } of nodes) {
    for (const { nqn, expected } of report?.connections ?? []) {
      const at = targets.get(nqn);
      if (at === undefined || expected === undefined) continue;
      const found = new Set(expected.flatMap((endpoint) => at.get(endpointKey(endpoint)) ?? []));
      if (found.size > 1) together.set(nqn, new Set([...(together.get(nqn) ?? []), ...found]));
    }
  }
  return together;
}

/** Who exports each subsystem at which address; null where several do. */
function targetsOf(
  nodes: readonly NodeNews[],
  nqns: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlyMap<string, NodeId | null>> {
  const targets = new Map([...nqns].map((nqn) => [nqn, new Map<string, NodeId | null>()]));
  for (const { id, report } of nodes) {
    for (const { nqn, ports } of report?.exports ?? []) {
      const at = targets.get(nqn);
      for (const port of ports) at?.set(endpointKey(port), at.has(endpointKey(port)) ? null : id);
    }
  }
  return targets;
}
