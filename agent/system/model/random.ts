import { asUuid } from "./parse.ts";

/** A source of random bytes, injected: a seeded one makes a node the same each time. */
export type RandomBytes = (length: number) => Uint8Array;

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** A version 4 UUID. */
export function randomUuid(random: RandomBytes): string {
  const hex = hexOf(random(16));
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  return asUuid(`${hex.slice(0, 12)}4${hex.slice(13, 16)}${variant}${hex.slice(17)}`);
}
