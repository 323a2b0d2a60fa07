import { createHash } from "node:crypto";

/**
 * What the kernel would draw by chance is derived from names instead: the same after every boot, on every rebuild of the
 * node, without anything having to be remembered.
 */
function digest(...parts: string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex");
}

/** 16 hexadecimal digits without a leading zero: also up to 5.10, where a serial is a number. */
export function derivedSerial(node: string, nqn: string): string {
  return digest("serial", node, nqn).slice(0, 16).replace(/^0/, "f");
}

/** A UUID of version 8 (RFC 9562, 5.8: of one's own making). */
export function derivedUuid(node: string, nqn: string, nsid: number): string {
  const hex = digest("namespace", node, nqn, String(nsid));
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
