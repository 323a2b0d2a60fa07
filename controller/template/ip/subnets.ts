import { excerpt, Refusal, type Value } from "../value.ts";
import { formatAddress, widthOf } from "./address.ts";
import { readAddress } from "./ask.ts";
import { cidrOf, firstOf, formatNetwork, holds, lastOf, type Network, sizeOf } from "./network.ts";
import { usableOf } from "./usable.ts";

/** `value | ipsubnet(query, index)`: how many subnets of a size there are, one of them, a network above, or a place. */
export function ipSubnet(value: Value, query: string, index: number | undefined): Value {
  const asked = readAddress(value);
  if (asked === undefined) return false;
  const network = cidrOf(asked.network);
  if (query === "") return formatNetwork(network);
  if (!/^\d+$/.test(query)) return placeIn(network, query);
  const prefix = Number(query);
  if (prefix > widthOf(network.version)) return false;
  return sizeOf(network) === 1n ? networkAbove(network, prefix, index) : subnetOf(network, prefix, index);
}

function subnetOf(network: Network, prefix: number, index: number | undefined): Value {
  const bits = prefix - network.prefix;
  if (bits < 0 && index === undefined)
    throw new Refusal(`'${formatNetwork(network)}' has no subnets of /${prefix}`, "a subnet has a longer prefix");
  const count = bits < 0 ? 0n : 1n << BigInt(bits);
  if (index === undefined) return String(count);
  const at = index < 0 ? BigInt(index) + count : BigInt(index);
  if (at < 0n || at >= count) return false;
  const value = network.value + (at << BigInt(widthOf(network.version) - prefix));
  return formatNetwork({ ...network, value, prefix });
}

function networkAbove(network: Network, prefix: number, index: number | undefined): Value {
  const width = widthOf(network.version);
  if (index !== undefined && (index > width + 1 - index || index < prefix - width)) return false;
  const count = width - prefix;
  const at = (index ?? 0) < 0 ? count + (index ?? 0) : (index ?? 0);
  if (at < 0 || at >= count) throw new Refusal(`'${formatNetwork(network)}' has no network ${index ?? 0} above it`);
  return formatNetwork(cidrOf({ ...network, prefix: prefix + at }));
}

/** Which one of the outer network's parts of this size it is, counted from 1. */
function placeIn(network: Network, query: string): Value {
  const outer = readAddress(query)?.network;
  if (outer === undefined) throw new Refusal(`${excerpt(query)} is neither an address nor a network`);
  if (!holds(outer, network)) throw new Refusal(`'${formatNetwork(network)}' is not in '${formatNetwork(outer)}'`);
  const place = (network.value - firstOf(outer)) >> BigInt(widthOf(network.version) - network.prefix);
  return String(place + 1n);
}

interface Bounds {
  version: 4 | 6;
  first: bigint;
  last: bigint;
}

/** From where to where a network goes; `usable` without what hosts cannot have. */
export function boundsOf(value: Value, usable = false): Bounds | undefined {
  const network = readAddress(value)?.network;
  if (network === undefined) return undefined;
  const { version } = network;
  if (usable) return { version, ...(usableOf(network) ?? { first: firstOf(network), last: firstOf(network) }) };
  return { version, first: firstOf(network), last: sizeOf(network) > 2n ? lastOf(network) : firstOf(network) };
}

/** Whether bounds lie within others. */
export function isInside(inner: Bounds | undefined, outer: Bounds | undefined): boolean {
  if (inner === undefined || outer === undefined || inner.version !== outer.version) return false;
  return inner.first >= outer.first && inner.last <= outer.last;
}

/** `value | ipmath(amount)`: the address so many further on. */
export function ipMath(value: string, amount: number): string {
  const network = readAddress(value)?.network;
  if (network === undefined || /^\d+$/.test(value)) throw new Refusal(`${excerpt(value)} is not an address`);
  const moved = network.value + BigInt(amount);
  if (moved < 0n || moved >= 1n << BigInt(widthOf(network.version)))
    throw new Refusal(`there is no address ${amount} behind ${excerpt(value)}`);
  return formatAddress({ version: network.version, value: moved });
}
