import { type Address, formatAddress, highestOf, parseAddress, widthOf } from "./address.ts";

/** An address with the length of its network's prefix, host bits kept: `10.0.0.7/24`. */
export interface Network extends Address {
  prefix: number;
}

/**
 * Reads `address`, `address/prefix` or `address/mask` as netaddr's `IPNetwork` does: without a prefix it is a network of one, and
 * the last numbers of IPv4 may be left out before a prefix (`10/8`). Undefined where it is none.
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf("/");
  const head = slash < 0 ? text : text.slice(0, slash);
  const address = parseAddress(head) ?? parsePartial(head);
  if (address === undefined) return undefined;
  const prefix = slash < 0 ? widthOf(address.version) : parsePrefix(text.slice(slash + 1), address.version);
  return prefix === undefined ? undefined : { ...address, prefix };
}

function parsePartial(text: string): Address | undefined {
  const parts = text.split(".");
  return parts.length > 4 || !/^[\d.]+$/.test(text)
    ? undefined
    : parseAddress([...parts, ...new Array<string>(4 - parts.length).fill("0")].join("."));
}

function parsePrefix(text: string, version: 4 | 6): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= widthOf(version) ? Number(text) : undefined;
  const mask = parseAddress(text);
  if (mask === undefined || mask.version !== version) return undefined;
  if (isNetmask(mask)) return widthOf(version) - onesOf(highestOf(version) ^ mask.value);
  return isHostmask(mask) ? widthOf(version) - onesOf(mask.value) : undefined;
}

function onesOf(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function isPowerOfTwo(value: bigint): boolean {
  return (value & (value - 1n)) === 0n;
}

/** Whether an address is ones, then zeros. */
export function isNetmask({ version, value }: Address): boolean {
  return isPowerOfTwo((value ^ highestOf(version)) + 1n);
}

/** Whether an address is zeros, then ones. */
export function isHostmask({ value }: Address): boolean {
  return isPowerOfTwo(value + 1n);
}

/** How many addresses a network has. */
export function sizeOf({ version, prefix }: Network): bigint {
  return 1n << BigInt(widthOf(version) - prefix);
}

export function firstOf(network: Network): bigint {
  return network.value & (highestOf(network.version) ^ (sizeOf(network) - 1n));
}

export function lastOf(network: Network): bigint {
  return network.value | (sizeOf(network) - 1n);
}

/** A network without host bits. */
export function cidrOf(network: Network): Network {
  return { ...network, value: firstOf(network) };
}

/** Whether all of `inner` lies within `outer`. */
export function holds(outer: Network, inner: Network): boolean {
  return (
    inner.version === outer.version &&
    inner.prefix >= outer.prefix &&
    firstOf({ ...inner, prefix: outer.prefix }) === firstOf(outer)
  );
}

/** `address/prefix`, with the host bits. */
export function formatNetwork(network: Network): string {
  return `${formatAddress(network)}/${network.prefix}`;
}

/** Networks that are written in the code. */
export function networks(...texts: readonly string[]): Network[] {
  return texts.flatMap((text) => parseNetwork(text) ?? []);
}

/** Whether an address, or a whole network, lies within one of several networks. */
export function isWithin(network: Network, ranges: readonly Network[]): boolean {
  return ranges.some((range) => holds(range, network));
}
