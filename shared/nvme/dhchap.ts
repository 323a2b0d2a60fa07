import * as z from "zod";

export const DhchapHash = z.enum(["hmac(sha256)", "hmac(sha384)", "hmac(sha512)"]);
export const DhGroup = z.enum(["null", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"]);

/** CRC-32 (IEEE 802.3, reflected), as the key format of NVMe Base 2.0, 8.13.5.8 carries it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/**
 * Why a text is no DH-HMAC-CHAP secret, or undefined where it is one. The kernel takes a broken key without a word
 * and fails every connect later (`nvme_auth_extract_key`), so it is checked here.
 */
export function dhchapKeyProblem(text: string): string | undefined {
  const match = /^DHHC-1:0([0-3]):([^:]+):$/.exec(text);
  if (match === null) return "a DH-HMAC-CHAP key looks like DHHC-1:00:<base64>: (nvme gen-dhchap-key makes one)";
  const bytes = decodeBase64(match[2] ?? "");
  if (bytes === undefined) return "the key's middle part is not base64";
  if (![36, 52, 68].includes(bytes.length)) return `the key has ${bytes.length - 4} bytes: 32, 48 or 64 are possible`;
  const stored = new DataView(bytes.buffer, bytes.length - 4).getUint32(0, true);
  if (stored !== crc32(bytes.subarray(0, -4))) return "the key's checksum is wrong: it was not copied whole";
  return undefined;
}

/** The text form of `bytes` (32, 48 or 64 random ones) as an untransformed DH-HMAC-CHAP key. */
export function formatDhchapKey(bytes: Uint8Array): string {
  const whole = new Uint8Array(bytes.length + 4);
  whole.set(bytes);
  new DataView(whole.buffer).setUint32(bytes.length, crc32(bytes), true);
  return `DHHC-1:00:${btoa(String.fromCharCode(...whole))}:`;
}
