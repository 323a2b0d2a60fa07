import { nameDigest, namedUuid } from "../../shared/identity/named-uuid.ts";

/**
 * What the kernel would draw by chance is derived from names instead: the same after every boot, on every rebuild of the
 * node, without anything having to be remembered.
 */

/** 16 hexadecimal digits without a leading zero: also up to 5.10, where a serial is a number. */
export function derivedSerial(node: string, nqn: string): string {
  return nameDigest("serial", node, nqn).slice(0, 16).replace(/^0/, "f");
}

export function derivedUuid(node: string, nqn: string, nsid: number): string {
  return namedUuid("namespace", node, nqn, String(nsid));
}
