const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text of a fixed field, cut at the first NUL: kernels leave uninitialised bytes behind it (5.10). */
export function readText(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return decoder.decode(end === -1 ? field : field.subarray(0, end)).trimEnd();
}

/** Writes text into a NUL-padded field; what does not fit is cut. */
export function writeText(bytes: Uint8Array, at: number, length: number, text: string): void {
  bytes.set(encoder.encode(text).subarray(0, length), at);
}

/** The 16 bytes of a UUID, in the order of its text. */
export function uuidBytes(uuid: string): Uint8Array {
  const hex = uuid.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16) || 0);
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
