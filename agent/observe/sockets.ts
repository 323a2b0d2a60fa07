export interface SocketRow {
  local: { address: string; port: number };
  remote: { address: string; port: number };
  /** include/net/tcp_states.h, two hexadecimal digits: 01 established, 0A listening. */
  state: string;
}

/** /proc/net/tcp and tcp6: addresses are 32-bit words in the machine's byte order, which is little-endian. */
export function parseSockets(table: string): SocketRow[] {
  return table.split("\n").flatMap((line) => {
    const [, local, remote, state] = line.trim().split(/\s+/);
    const ends = [local, remote].map(parseEnd);
    const [from, to] = ends;
    return from === undefined || to === undefined || state === undefined ? [] : [{ local: from, remote: to, state }];
  });
}

function parseEnd(text: string | undefined): SocketRow["local"] | undefined {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/i.exec(text ?? "");
  if (match === null) return undefined;
  const [, address = "", port = ""] = match;
  const bytes = address.match(/.{8}/g)?.flatMap(littleEndian) ?? [];
  return { address: bytes.length === 4 ? bytes.join(".") : formatIpv6(bytes), port: Number.parseInt(port, 16) };
}

function littleEndian(word: string): number[] {
  return (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).toReversed();
}

/** RFC 5952: lower case, the longest run of zero groups as `::`; an IPv4 address inside is written as one. */
export function formatIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_each, i) => (bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${bytes.slice(12).join(".")}`;
  const texts = groups.map((group) => group.toString(16));
  const run = longestZeroRun(groups);
  if (run.length < 2) return texts.join(":");
  return `${texts.slice(0, run.start).join(":")}::${texts.slice(run.start + run.length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
