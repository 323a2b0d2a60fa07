import { createHmac } from "node:crypto";
import { canonicalJson } from "../../shared/protocol/canonical.ts";
import type { OpenBody, OrderBody } from "../../shared/protocol/order.ts";
import { Secret } from "../../shared/secret.ts";

/** What goes into an order of which nothing may be read on the way: an action with all that it is told goes into the box. */
export function sealedOrder(
  key: Uint8Array,
  body: OpenBody,
  secrets: Readonly<Record<string, Secret>>,
): { body: OrderBody; secrets: Readonly<Record<string, Secret>> } {
  if (body.do !== "action") return { body, secrets };
  const text = canonicalJson(body);
  const version = createHmac("sha256", key).update(text).digest("hex").slice(0, 16);
  return {
    body: { do: "sealed_action", action: body.action, version },
    secrets: { ...secrets, body: new Secret(text) },
  };
}
