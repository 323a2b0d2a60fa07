import { createHash } from "node:crypto";

/** SHA-256 of some names, 64 hexadecimal digits. */
export function nameDigest(...names: readonly string[]): string {
  return createHash("sha256").update(names.join("\0")).digest("hex");
}

/** The UUID of some names, always the same for them: of version 8 (RFC 9562, 5.8: of one's own making). */
export function namedUuid(...names: readonly string[]): string {
  const hex = nameDigest(...names);
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
