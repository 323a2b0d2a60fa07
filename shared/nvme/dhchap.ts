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

/** What can be wrong with a text that should be a key, in the order in which the kernel looks. */
export type DhchapKeyFault =
  | { is: "form" }
  | { is: "encoding" }
  | { is: "length" /** Of the key, in bytes. */; length: number }
  | { is: "checksum" };

/** The first fault of a key, as `nvme_auth_extract_key` finds it; undefined where there is none. */
export function dhchapKeyFault(text: string): DhchapKeyFault | undefined {
  const match = /^DHHC-1:0([0-3]):([^:]+):$/.exec(text);
  if (match === null) return { is: "form" };
  const bytes = decodeBase64(match[2] ?? "");
  if (bytes === undefined) return { is: "encoding" };
  if (![36, 52, 68].includes(bytes.length)) return { is: "length", length: bytes.length - 4 };
  const stored = new DataView(bytes.buffer, bytes.length - 4).getUint32(0, true);
  return stored === crc32(bytes.subarray(0, -4)) ? undefined : { is: "checksum" };
}

/**
 * Why a text is no DH-HMAC-CHAP secret, or undefined where it is one. The kernel takes a broken key without a word
 * and fails every connect later, so it is checked here.
 */
export function dhchapKeyProblem(text: string): string | undefined {
  const fault = dhchapKeyFault(text);
  switch (fault?.is) {
    case "form":
      return "a DH-HMAC-CHAP key looks like DHHC-1:00:<base64>: (nvme gen-dhchap-key makes one)";
    case "encoding":
      return "the key's middle part is not base64";
    case "length":
      return `the key has ${fault.length} bytes: 32, 48 or 64 are possible`;
    case "checksum":
      return "the key's checksum is wrong: it was not copied whole";
    default:
      return undefined;
  }
}

/** The text form of `bytes` (32, 48 or 64 random ones) as an untransformed DH-HMAC-CHAP key. */
export function formatDhchapKey(bytes: Uint8Array): string {
  const whole = new Uint8Array(bytes.length + 4);
  whole.set(bytes);
  new DataView(whole.buffer).setUint32(bytes.length, crc32(bytes), true);
  return `DHHC-1:00:${btoa(String.fromCharCode(...whole))}:`;
}
