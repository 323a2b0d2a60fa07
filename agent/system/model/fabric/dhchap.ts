import { createHmac, timingSafeEqual } from "node:crypto";

/*
 * Stands for DH-HMAC-CHAP: who knows the secret can answer a nonce. Hash and DH group do not change who is let in.
 */

/** What proves that one knows the secret. Keys that end in spaces or a newline are the same key. */
export function proofOf(secret: string, nonce: string): string {
  return createHmac("sha256", secret.trim()).update(nonce).digest("hex");
}

export function proves(proof: string, secret: string, nonce: string): boolean {
  const expected = Buffer.from(proofOf(secret, nonce));
  const given = Buffer.from(proof);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
