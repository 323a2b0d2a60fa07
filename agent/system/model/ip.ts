import { familyOf } from "../../../shared/nvme/address.ts";
import type { InterfaceAddress } from "../system.ts";

/** The 4 or 16 bytes of an address literal; undefined where it is none. */
export function addressBytes(literal: string): Uint8Array | undefined {
  const family = familyOf(literal);
  if (family === "ipv4") return Uint8Array.from(literal.split("."), Number);
  if (family !== "ipv6") return undefined;
  const [plain = ""] = literal.split("%");
  const halves = plain.split("::").map(groupsOf);
  const [head = [], tail = []] = halves;
  const missing = 8 - head.length - tail.length;
  if (halves.length > 2 || missing < 0 || (halves.length === 1 && missing > 0)) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** The 16-bit groups of one side of `::`, with an IPv4 tail as two of them. */
function groupsOf(side: string): number[] {
  return side
    .split(":")
    .filter(Boolean)
    .flatMap((group) => {
      if (!group.includes(".")) return [Number.parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
      return [(a << 8) | b, (c << 8) | d];
    });
}

/** One spelling for each address, to compare by. */
export function canonicalAddress(literal: string): string {
  const bytes = addressBytes(literal);
  if (bytes === undefined || bytes.length === 4) return literal;
  return Array.from({ length: 8 }, (_, group) =>
    (((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0)).toString(16),
  ).join(":");
}

export function isLoopback(literal: string): boolean {
  return literal.startsWith("127.") || canonicalAddress(literal) === canonicalAddress("::1");
}

export function isWildcard(literal: string): boolean {
  return addressBytes(literal)?.every((byte) => byte === 0) ?? false;
}

/** Whether two addresses are in one network of this prefix length. */
export function sameNetwork(one: string, other: string, prefix: number): boolean {
  const [left, right] = [addressBytes(one), addressBytes(other)];
  if (left === undefined || right === undefined || left.length !== right.length) return false;
  return left.every((byte, index) => {
    const bits = Math.max(0, Math.min(8, prefix - 8 * index));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((right[index] ?? 0) & mask);
  });
}

/** `10.0.0.1/24` as an address of the `index`-th interface. */
export function interfaceAddress(text: string, index: number): InterfaceAddress {
  const [address = "", prefix] = text.split("/");
  const family = familyOf(address) ?? "ipv4";
  const bytes = addressBytes(address) ?? new Uint8Array(4);
  // QEMU's prefix, and the address itself: the same node has the same MAC each time.
  const mac = [0x52, 0x54, ...bytes.slice(-3), index].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  return { interface: `eth${index}`, address, family, prefix: Number(prefix ?? (family === "ipv4" ? 24 : 64)), mac };
}

export const loopbackAddresses: readonly InterfaceAddress[] = [
  { interface: "lo", address: "127.0.0.1", family: "ipv4", prefix: 8, mac: "00:00:00:00:00:00" },
  { interface: "lo", address: "::1", family: "ipv6", prefix: 128, mac: "00:00:00:00:00:00" },
];
