import { viewOf } from "../../../../shared/nvme/discovery/pdu.ts";
import { uuidBytes } from "../../../../shared/nvme/discovery/text.ts";
import { type Printed, Tuple } from "../python.ts";
import { PythonError, type Wire } from "./wire.ts";

/** A completion: result, submission queue head, command id, status. */
export interface Completion {
  result: bigint;
  head: number;
  id: number;
  status: number;
}

/** What one command gave: its completion, the data that it read, and each PDU that came, in words. */
export interface Outcome {
  completion: Completion;
  data: Uint8Array;
  came: string[];
}

export interface Connecting {
  subsystem: string;
  hostnqn: string;
  hostid: string;
}

const fabrics = 0x7f;

export function printedCompletion({ result, head, id, status }: Completion): Tuple {
  return new Tuple(result, head, id, status);
}

export function printed({ completion, data, came }: Outcome): Tuple {
  return new Tuple(printedCompletion(completion), data, came);
}

export async function icReq(wire: Wire, format = 0): Promise<void> {
  const bytes = new Uint8Array(128);
  bytes.set([0, 0, 128, 0, 128]);
  viewOf(bytes).setUint16(8, format, true);
  wire.send(bytes);
}

/** Sends an ICReq and gives what the answer says. */
export async function initialise(wire: Wire): Promise<Tuple> {
  await icReq(wire);
  const { type, length, bytes } = await wire.pdu();
  const view = viewOf(bytes);
  const fields = [view.getUint16(8, true), view.getUint8(10), view.getUint8(11), view.getUint32(12, true)];
  return new Tuple(type, length, new Tuple(...fields));
}

/** A submission queue entry, with SGLs: `type` 0x01 is data in the capsule, 0x5a what the transport carries. */
export function entry(opcode: number, id: number, fields: { fctype?: number; sgl?: { type: number; length: number } }) {
  const bytes = new Uint8Array(64);
  const view = viewOf(bytes);
  bytes.set([opcode, 0x40]);
  view.setUint16(2, id, true);
  if (fields.fctype !== undefined) bytes[4] = fields.fctype;
  if (fields.sgl !== undefined) {
    view.setUint32(32, fields.sgl.length, true);
    bytes[39] = fields.sgl.type;
  }
  return { bytes, view };
}

export function capsule(command: Uint8Array, data: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(72 + data.length);
  bytes.set([4, 0, 72, data.length > 0 ? 72 : 0]);
  viewOf(bytes).setUint32(4, bytes.length, true);
  bytes.set(command, 8);
  bytes.set(data, 72);
  return bytes;
}

/** Runs a command and reads what it sends. */
async function run(wire: Wire, command: Uint8Array, data?: Uint8Array, reads = 0): Promise<Outcome> {
  wire.send(capsule(command, data));
  const read = new Uint8Array(reads);
  const came: string[] = [];
  for (;;) {
    const { type, flags, headerLength, dataOffset, length, bytes } = await wire.pdu();
    const view = viewOf(bytes);
    if (type === 7) {
      const [offset, size] = [view.getUint32(12, true), view.getUint32(16, true)];
      read.set(bytes.subarray(dataOffset, dataOffset + size), offset);
      came.push(`C2H fl=${flags.toString(16)} hlen=${headerLength} pdo=${dataOffset} off=${offset} len=${size}`);
      if (flags & 8) {
        const completion = { result: 0n, head: 0, id: view.getUint16(8, true), status: 0 };
        return { completion, data: read, came };
      }
    } else if (type === 5) {
      came.push(`CapsuleResp hlen=${headerLength} plen=${length}`);
      const completion = {
        result: view.getBigUint64(8, true),
        head: view.getUint16(16, true),
        id: view.getUint16(20, true),
        status: view.getUint16(22, true) >> 1,
      };
      return { completion, data: read, came };
    } else throw new PythonError(`a PDU of type ${type}`);
  }
}

export function connect(wire: Wire, { subsystem, hostnqn, hostid }: Connecting): Promise<Outcome> {
  const { bytes, view } = entry(fabrics, 1, { fctype: 1, sgl: { type: 0x01, length: 1024 } });
  view.setUint16(44, 31, true);
  const data = new Uint8Array(1024);
  data.set(uuidBytes(hostid));
  viewOf(data).setUint16(16, 0xffff, true);
  data.set(Buffer.from(subsystem), 256);
  data.set(Buffer.from(hostnqn), 512);
  return run(wire, bytes, data);
}

export function getProperty(wire: Wire, offset: number, size: 4 | 8 = 4): Promise<Outcome> {
  const { bytes, view } = entry(fabrics, 2, { fctype: 4 });
  bytes[40] = size === 8 ? 1 : 0;
  view.setUint32(44, offset, true);
  return run(wire, bytes);
}

export function setProperty(wire: Wire, offset: number, value: bigint): Promise<Outcome> {
  const { bytes, view } = entry(fabrics, 3, { fctype: 0 });
  view.setUint32(44, offset, true);
  view.setBigUint64(48, value, true);
  return run(wire, bytes);
}

export function identify(wire: Wire): Promise<Outcome> {
  const { bytes, view } = entry(0x06, 4, { sgl: { type: 0x5a, length: 4096 } });
  view.setUint32(40, 1, true);
  return run(wire, bytes, undefined, 4096);
}

export function getLog(wire: Wire, page: number, offset: number, length: number): Promise<Outcome> {
  const { bytes, view } = entry(0x02, 5, { sgl: { type: 0x5a, length } });
  const dwords = length / 4 - 1;
  view.setUint32(40, (page | ((dwords & 0xffff) << 16)) >>> 0, true);
  view.setUint32(44, dwords >>> 16, true);
  view.setBigUint64(48, BigInt(offset), true);
  return run(wire, bytes, undefined, length);
}

/** A record of the discovery log, with all of its bytes. */
export function recordOf(bytes: Uint8Array): Map<string, Printed> {
  const view = viewOf(bytes);
  const text = (from: number, to: number) => {
    let end = to;
    while (end > from && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end--;
    return new TextDecoder().decode(bytes.subarray(from, end));
  };
  return new Map<string, Printed>([
    ["trtype", view.getUint8(0)],
    ["adrfam", view.getUint8(1)],
    ["subtype", view.getUint8(2)],
    ["treq", view.getUint8(3)],
    ["portid", view.getUint16(4, true)],
    ["cntlid", `0x${view.getUint16(6, true).toString(16)}`],
    ["asqsz", view.getUint16(8, true)],
    ["eflags", view.getUint16(10, true)],
    ["trsvcid", text(32, 64)],
    ["subnqn", text(256, 512)],
    ["traddr", text(512, 768)],
    ["tsas0", view.getUint8(768)],
  ]);
}
