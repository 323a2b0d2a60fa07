import type { AddressFacts } from "../../shared/protocol/facts.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import { holds, type Network, parseNetwork } from "../template/ip/network.ts";

/** Which addresses of a target carry paths: those in one of these networks, or on one of these interfaces. */
export interface AddressRule {
  /** As people wrote it. */
  text: string;
  networks: readonly Network[];
  interfaces: readonly string[];
}

/** Reads `10.20.0.0/16`, `eth1`, or a list of them. */
export function addressRule(written: readonly string[]): AddressRule {
  const networks = written.map((each) => parseNetwork(each));
  return {
    text: written.join(", "),
    networks: networks.filter((each) => each !== undefined),
    interfaces: written.filter((_, index) => networks[index] === undefined),
  };
}

export interface PathsWanted {
  rule: AddressRule | undefined;
  /** Paths, each over a NIC of its own. */
  count: number;
  /** Addresses that the volume has: they stay as long as they are there. */
  kept: readonly string[];
  /** How many volumes each address carries. */
  load(address: string): number;
}

/**
 * The addresses of a target that carry a volume's paths: those that carry the fewest volumes, never two of one NIC, which would
 * fail together. A NIC is known by its MAC, which its VLANs share.
 */
export function pathAddresses(
  node: NodeId,
  addresses: readonly AddressFacts[],
  { rule, count, kept, load }: PathsWanted,
): { addresses: string[] } | { reason: string; hint: string } {
  const fitting = addresses.filter((each) => isUsable(each) && (rule === undefined || isIn(rule, each)));
  const order = (each: AddressFacts) => (kept.includes(each.address) ? -1 : load(each.address));
  const byLoad = fitting.toSorted(
    (a, b) =>
      order(a) - order(b) ||
      a.interface.localeCompare(b.interface, "en", { numeric: true }) ||
      (a.address < b.address ? -1 : 1),
  );
  const byNic = new Map<string, string>();
  for (const each of byLoad) {
    const nic = each.mac === "" ? each.interface : each.mac;
    if (!byNic.has(nic)) byNic.set(nic, each.address);
  }
  const found = [...byNic.values()].slice(0, count);
  if (found.length === count) return { addresses: found };
  const within = rule === undefined ? "" : ` in ${rule.text}`;
  const has = fitting.map((each) => `${each.address} on ${each.interface}`).join(", ");
  const all = addresses.filter(isUsable).map((each) => `${each.address} on ${each.interface}`);
  return {
    reason: `${node} has ${byNic.size === 0 ? "no address" : `addresses on ${byNic.size} NIC${byNic.size === 1 ? "" : "s"} only`}${within}${has === "" ? "" : ` (${has})`}, and ${count} ${count === 1 ? "path is" : "paths are"} asked for`,
    hint:
      byNic.size > 0
        ? "paths over one NIC fail together: ask for fewer paths, or widen addresses:"
        : `it has ${all.join(", ") || "no address that others could reach"}`,
  };
}

/** Not loopback, link-local, or of a bridge of containers. */
function isUsable({ address, interface: name }: AddressFacts): boolean {
  return (
    !/^(127\.|169\.254\.|::1$|fe[89ab][0-9a-f]:)/i.test(address) &&
    !/^(lo|docker|veth|virbr|cni|flannel|cali)/.test(name)
  );
}

function isIn({ networks, interfaces }: AddressRule, { address, interface: name }: AddressFacts): boolean {
  if (interfaces.includes(name)) return true;
  const own = parseNetwork(address);
  return own !== undefined && networks.some((network) => holds(network, own));
}
