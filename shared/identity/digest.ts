import { createHash } from "node:crypto";
import { canonicalJson } from "../protocol/canonical.ts";
import type { Order } from "../protocol/order.ts";
import type { Spec } from "../protocol/spec.ts";

/** SHA-256 of a value's canonical JSON, 64 hexadecimal digits. */
export function digest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** The hash of a spec that hello carries. */
export function specHash(spec: Spec): string {
  return digest(spec);
}

/**
 * What an order asks for, without what differs between two sendings of it (session, deadline, sealing, MAC): the same
 * call id with another digest is another order under a known id, and is refused.
 */
export function orderDigest(order: Pick<Order, "to" | "check" | "body">): string {
  return digest({ to: order.to, check: order.check, body: order.body });
}
