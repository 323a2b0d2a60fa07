import { widthOf } from "./address.ts";
import { cidrOf, firstOf, lastOf, type Network } from "./network.ts";

interface Span {
  version: 4 | 6;
  first: bigint;
  last: bigint;
  /** The one network that it is, while nothing was merged into it. */
  only: Network | undefined;
}

/** The fewest networks that have the same addresses, in order; one that nothing is merged with stays as it is. */
export function mergeNetworks(networks: readonly Network[]): Network[] {
  const spans = networks
    .map(
      (network): Span => ({ version: network.version, first: firstOf(network), last: lastOf(network), only: network }),
    )
    .sort((a, b) => a.version - b.version || order(a.first, b.first) || order(a.last, b.last));
  const merged: Span[] = [];
  for (const span of spans) {
    const before = merged.at(-1);
    if (before === undefined || before.version !== span.version || span.first > before.last + 1n)
      merged.push({ ...span });
    else {
      before.last = order(span.last, before.last) > 0 ? span.last : before.last;
      before.only = undefined;
    }
  }
  return merged.flatMap((span) => (span.only === undefined ? networksOf(span) : [span.only]));
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function networksOf({ version, first, last }: Span): Network[] {
  const networks: Network[] = [];
  for (let at = first; at <= last; ) {
    let bits = 0;
    while (
      bits < widthOf(version) &&
      at % (1n << BigInt(bits + 1)) === 0n &&
      at + (1n << BigInt(bits + 1)) - 1n <= last
    )
      bits++;
    networks.push({ version, value: at, prefix: widthOf(version) - bits });
    at += 1n << BigInt(bits);
  }
  return networks;
}

/** The smallest network that has all addresses of several; undefined for none, or for a mixture of IPv4 and IPv6. */
export function spanningNetwork(networks: readonly Network[]): Network | undefined {
  const [one] = networks;
  if (one === undefined || networks.some(({ version }) => version !== one.version)) return undefined;
  const first = networks.map(firstOf).reduce((a, b) => (order(a, b) < 0 ? a : b));
  const last = networks.map(lastOf).reduce((a, b) => (order(a, b) > 0 ? a : b));
  const bits = (first ^ last) === 0n ? 0 : (first ^ last).toString(2).length;
  return cidrOf({ version: one.version, value: first, prefix: widthOf(one.version) - bits });
}
