import { FlashfleetError } from "../../shared/errors.ts";
import { inventoryOfNodes, type LabelledNode } from "../inventory/node-inventory.ts";
import { matchHosts, unknownNames } from "../inventory/patterns.ts";

/** Those of these nodes that a pattern names; all without one. Throws `no_hosts` where it names none, with what is unknown in it. */
export function chosenNodes(nodes: readonly LabelledNode[], pattern: string | null): ReadonlySet<string> {
  if (pattern === null || pattern === "all") return new Set(nodes.map(({ id }) => id));
  const { hosts, unmatched } = matchHosts(pattern, inventoryOfNodes(nodes));
  if (hosts.length > 0) return new Set(hosts);
  const names = unknownNames(unmatched);
  throw new FlashfleetError("no_hosts", `no node matches ${pattern}`, {
    hint: names === "" ? "flashfleet nodes lists them" : `unknown: ${names}`,
  });
}
