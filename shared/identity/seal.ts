import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import * as z from "zod";
import { FlashfleetError } from "../errors.ts";
import type { CallId } from "../protocol/ids.ts";
import type { SealedSecrets } from "../protocol/order.ts";
import { Secret } from "../secret.ts";
import type { Session } from "./session.ts";

const tagBytes = 16;

/** A text encrypted with AES-256-GCM under a 32-byte key and bound to its context: opened for another one, it fails. */
export function seal(key: Uint8Array, context: string, text: string): SealedSecrets {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(context));
  const box = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return { nonce: nonce.toString("base64url"), box: box.toString("base64url") };
}

/** The text again. Throws `key_missing` where the key or the context is another one, or the box was altered. */
export function unseal(key: Uint8Array, context: string, sealed: SealedSecrets): string {
  try {
    const box = Buffer.from(sealed.box, "base64url");
    const tag = box.subarray(box.length - tagBytes);
    const nonce = Buffer.from(sealed.nonce, "base64url");
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    return decipher.update(box.subarray(0, box.length - tagBytes), undefined, "utf8") + decipher.final("utf8");
  } catch (cause) {
    throw new FlashfleetError("key_missing", `cannot decrypt ${context}: it was sealed with another key, or altered`, {
      cause,
    });
  }
}

const contextOf = (id: CallId): string => `the secrets of call ${id}`;

/** Secrets by the names that an order's body uses, for that order alone. */
export function sealSecrets(session: Session, id: CallId, secrets: Readonly<Record<string, Secret>>): SealedSecrets {
  const values = Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));
  return seal(session.sealKey, contextOf(id), JSON.stringify(values));
}

/** Throws `key_missing` where they were sealed in another session or for another call. */
export function openSecrets(session: Session, id: CallId, sealed: SealedSecrets): ReadonlyMap<string, Secret> {
  const values = z.record(z.string(), z.string()).parse(JSON.parse(unseal(session.sealKey, contextOf(id), sealed)));
  return new Map(Object.entries(values).map(([name, value]) => [name, new Secret(value)]));
}
