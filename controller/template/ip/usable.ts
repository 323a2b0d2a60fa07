import { formatAddress, highestOf } from "./address.ts";
import { firstOf, lastOf, type Network, sizeOf } from "./network.ts";

/** The addresses of a network that hosts can have: without its first and its last, but for networks of two. */
export function usableOf(network: Network): { first: bigint; last: bigint } | undefined {
  const size = sizeOf(network);
  if (size === 1n) return undefined;
  return size === 2n
    ? { first: firstOf(network), last: lastOf(network) }
    : { first: firstOf(network) + 1n, last: lastOf(network) - 1n };
}

/** The address that lies `offset` behind the network's own, where hosts can have it. */
export function usableBehind(network: Network, offset: bigint): string | null {
  const usable = usableOf(network);
  const value = network.value + offset;
  return usable !== undefined && value >= usable.first && value <= usable.last
    ? formatAddress({ version: network.version, value })
    : null;
}

/** The address at an index of a network, from its end where negative; undefined behind its ends. */
export function addressAt(network: Network, index: bigint): string | undefined {
  const size = sizeOf(network);
  const value = index < 0n ? lastOf(network) + index + 1n : firstOf(network) + index;
  if (index < -size || index >= size || value > highestOf(network.version)) return undefined;
  return formatAddress({ version: network.version, value });
}
