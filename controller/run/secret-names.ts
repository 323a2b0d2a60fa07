import { createHmac } from "node:crypto";
import type { SecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import type { Secret } from "../../shared/secret.ts";

/** A reference for a secret of a resource: its version tells that the value changed, and nothing about the value. */
export function referTo(key: Uint8Array, resource: string, field: string, secret: Secret): SecretRef {
  const name = `${resource} ${field}`;
  const version = createHmac("sha256", key).update(`${name}\n${secret.reveal()}`).digest("hex").slice(0, 16);
  return { secret: name, version };
}

/** How an order and the node's store name a value. */
export function secretName({ secret, version }: SecretRef): string {
  return `${secret}@${version}`;
}
