/** NVMe/TCP PDU types (NVMe/TCP Transport 1.0, 3.6.2). */
export const pduTypes = {
  icReq: 0,
  icResp: 1,
  h2cTermReq: 2,
  c2hTermReq: 3,
  command: 4,
  response: 5,
  h2cData: 6,
  c2hData: 7,
  r2t: 9,
} as const;

/** Flags of a C2HData PDU. */
export const dataFlags = { last: 4, success: 8 } as const;

const commonHeader = 8;
/** Nothing that a discovery controller sends is longer; a larger length is noise, not a PDU. */
const longest = 1 << 20;

/** One PDU, whole: header and data. */
export interface Pdu {
  type: number;
  flags: number;
  /** Where the data begins, in bytes from the start; 0 where there is none. */
  dataOffset: number;
  bytes: Uint8Array;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A PDU of `length` bytes with its common header; the caller fills the rest. */
export function newPdu(
  type: number,
  header: { flags?: number; headerLength: number; dataOffset?: number; length: number },
): Uint8Array {
  const bytes = new Uint8Array(header.length);
  bytes.set([type, header.flags ?? 0, header.headerLength, header.dataOffset ?? 0]);
  viewOf(bytes).setUint32(4, header.length, true);
  return bytes;
}

/**
 * The first PDU of a buffer and what follows it; undefined while it is not whole. Throws a RangeError where the
 * length cannot be one.
 */
export function takePdu(buffer: Uint8Array): { pdu: Pdu; rest: Uint8Array } | undefined {
  if (buffer.length < commonHeader) return undefined;
  const view = viewOf(buffer);
  const length = view.getUint32(4, true);
  if (length < commonHeader || length > longest) throw new RangeError(`a PDU of ${length} bytes`);
  if (buffer.length < length) return undefined;
  const bytes = buffer.subarray(0, length);
  return {
    pdu: { type: view.getUint8(0), flags: view.getUint8(1), dataOffset: view.getUint8(3), bytes },
    rest: buffer.subarray(length),
  };
}

/** Joins what is left of one read with the next. */
export function append(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}
