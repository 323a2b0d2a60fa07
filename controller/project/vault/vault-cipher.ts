import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../../shared/secret.ts";
import { formatVaultText, type VaultText } from "./vault-text.ts";

const rounds = 10_000;
const cipherName = "aes-256-ctr";

/** Keys as ansible-vault derives them: of encryption, of the MAC, and the first counter. */
function keysOf(password: Secret, salt: Uint8Array) {
  const bytes = pbkdf2Sync(password.reveal(), salt, rounds, 80, "sha256");
  return { cipher: bytes.subarray(0, 32), mac: bytes.subarray(32, 64), counter: bytes.subarray(64, 80) };
}

/** The plaintext; undefined where the password does not fit, or the text was changed. Takes some milliseconds. */
export function decryptVaultText({ salt, hmac, ciphertext }: VaultText, password: Secret): string | undefined {
  const keys = keysOf(password, salt);
  if (!timingSafeEqual(createHmac("sha256", keys.mac).update(ciphertext).digest(), hmac)) return undefined;
  const decipher = createDecipheriv(cipherName, keys.cipher, keys.counter);
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0)).toString("utf8");
}

/** Encrypts as `ansible-vault encrypt` does; under a label, as with `--encrypt-vault-id`. Ends with a newline. */
export function encryptVaultText(
  plaintext: string,
  password: Secret,
  { label, salt = randomBytes(32) }: { label?: string | undefined; salt?: Buffer } = {},
): string {
  const keys = keysOf(password, salt);
  const bytes = Buffer.from(plaintext, "utf8");
  const padding = 16 - (bytes.length % 16);
  const cipher = createCipheriv(cipherName, keys.cipher, keys.counter);
  const padded = Buffer.concat([bytes, Buffer.alloc(padding, padding)]);
  const ciphertext = Buffer.concat([cipher.update(padded), cipher.final()]);
  const hmac = createHmac("sha256", keys.mac).update(ciphertext).digest();
  return formatVaultText({ label: label === "default" ? undefined : label, salt, hmac, ciphertext });
}
