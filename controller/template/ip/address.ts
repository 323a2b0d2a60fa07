/** An IP address as a number. */
export interface Address {
  version: 4 | 6;
  value: bigint;
}

/** The bits of an address. */
export function widthOf(version: 4 | 6): number {
  return version === 4 ? 32 : 128;
}

/** The highest address of a version: all bits set. */
export function highestOf(version: 4 | 6): bigint {
  return (1n << BigInt(widthOf(version))) - 1n;
}

/** Reads an address as `inet_pton` does: four decimal numbers, or IPv6; undefined where it is none. */
export function parseAddress(text: string): Address | undefined {
  const value = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return value === undefined ? undefined : { version: text.includes(":") ? 6 : 4, value };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  if (text.length > 45) return undefined;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const ipv4 = tail === null ? undefined : parseIpv4(tail[2] ?? "");
  if (tail !== null && ipv4 === undefined) return undefined;
  const hex =
    ipv4 === undefined ? text : `${tail?.[1] ?? ""}${(ipv4 >> 16n).toString(16)}:${(ipv4 & 0xffffn).toString(16)}`;
  const [head = "", rest, ...more] = hex.split("::");
  if (more.length > 0) return undefined;
  const words = (part: string) => (part === "" ? [] : part.split(":"));
  const [first, last] = [words(head), words(rest ?? "")];
  const missing = 8 - first.length - last.length;
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...first, ...new Array<string>(Math.max(0, missing)).fill("0"), ...last];
  if (!all.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))) return undefined;
  return all.reduce((value, word) => (value << 16n) | BigInt(`0x${word}`), 0n);
}

/** An address as `inet_ntop` writes it: IPv6 with its longest run of zeros left out, lower case. */
export function formatAddress({ version, value }: Address): string {
  if (version === 4) return formatIpv4(value);
  const words = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(16 * (7 - index))) & 0xffffn));
  const { start, length } = longestZeros(words);
  if (start === 0 && (length === 6 || (length === 5 && words[5] === 0xffff)))
    return `::${length === 5 ? "ffff:" : ""}${formatIpv4(value & 0xffffffffn)}`;
  const hex = words.map((word) => word.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

function longestZeros(words: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** The name under which DNS has the address's own name. */
export function reverseName({ version, value }: Address): string {
  if (version === 4) return `${formatIpv4(value).split(".").toReversed().join(".")}.in-addr.arpa.`;
  return `${[...value.toString(16).padStart(32, "0")].toReversed().join(".")}.ip6.arpa.`;
}
