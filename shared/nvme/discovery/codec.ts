import { dataFlags, newPdu, type Pdu, pduTypes, viewOf } from "./pdu.ts";
import { readText, uuidBytes, uuidText, writeText } from "./text.ts";

/*
 * What a discovery needs of NVMe/TCP, in both directions: initialisation, commands, completions, data.
 * All integers are little-endian; digests are never used.
 */

/** The commands of a discovery, as a host sends them and a controller reads them. `id` is the command identifier. */
export type Command =
  | { is: "connect"; id: number; queueId: number; keepAlive: number; data: ConnectData }
  | { is: "property get"; id: number; size: 4 | 8; offset: number }
  | { is: "property set"; id: number; offset: number; value: bigint }
  | { is: "identify"; id: number; structure: number; length: number }
  | { is: "get log page"; id: number; page: number; length: number; offset: bigint }
  | { is: "other"; id: number; opcode: number };

export interface ConnectData {
  hostid: string;
  /** 0xffff: the target chooses. */
  cntlid: number;
  subsystem: string;
  hostnqn: string;
}

/** A completion. */
export interface Completion {
  id: number;
  /** Where the controller is in the submission queue; 0 unless told. */
  head?: number;
  result: bigint;
  /** 0 for success; otherwise {@link statuses} with do-not-retry in bit 14. */
  status: number;
}

/** Offsets of the controller's properties (NVMe Base 2.0, 3.1.4). */
export const properties = { capabilities: 0x0, version: 0x8, configuration: 0x14, status: 0x1c } as const;

const opcodes = { fabrics: 0x7f, identify: 0x06, getLogPage: 0x02 } as const;
const fabricsTypes = { propertySet: 0, connect: 1, propertyGet: 4 } as const;
/** SGL descriptors: data in the capsule, and data that the transport carries. */
const sgl = { inCapsule: 0x01, transport: 0x5a } as const;
const commandHeader = 72;
const connectDataSize = 1024;
/** Every command uses SGLs; without this flag Linux answers Invalid Field. */
const usesSgl = 0x40;

/** Where in a command capsule the submission queue entry begins. */
const entry = 8;

export function encodeIcReq(): Uint8Array {
  return newPdu(pduTypes.icReq, { headerLength: 128, length: 128 });
}

export function encodeIcResp(): Uint8Array {
  const bytes = newPdu(pduTypes.icResp, { headerLength: 128, length: 128 });
  viewOf(bytes).setUint32(12, 0x400000, true);
  return bytes;
}

/** Whether a target takes this ICReq: Linux closes on another format or a data alignment. */
export function acceptsIcReq({ type, bytes }: Pdu): boolean {
  return type === pduTypes.icReq && bytes.length === 128 && viewOf(bytes).getUint16(8, true) === 0 && bytes[10] === 0;
}

/** A command without data of its own; `reads` is the length that the controller shall send. */
function bareCommand(opcode: number, id: number, reads = 0, data = 0): { bytes: Uint8Array; view: DataView } {
  const length = commandHeader + data;
  const bytes = newPdu(pduTypes.command, {
    headerLength: commandHeader,
    dataOffset: data === 0 ? 0 : commandHeader,
    length,
  });
  const view = viewOf(bytes);
  bytes[entry] = opcode;
  bytes[entry + 1] = usesSgl;
  view.setUint16(entry + 2, id, true);
  if (reads + data > 0) {
    view.setUint32(entry + 32, reads + data, true);
    bytes[entry + 39] = data > 0 ? sgl.inCapsule : sgl.transport;
  }
  return { bytes, view };
}

export function encodeCommand(command: Exclude<Command, { is: "other" }>): Uint8Array {
  switch (command.is) {
    case "connect": {
      const { bytes, view } = bareCommand(opcodes.fabrics, command.id, 0, connectDataSize);
      bytes[entry + 4] = fabricsTypes.connect;
      view.setUint16(entry + 42, command.queueId, true);
      view.setUint16(entry + 44, 31, true);
      view.setUint32(entry + 48, command.keepAlive, true);
      bytes.set(uuidBytes(command.data.hostid), commandHeader);
      view.setUint16(commandHeader + 16, command.data.cntlid, true);
      writeText(bytes, commandHeader + 256, 256, command.data.subsystem);
      writeText(bytes, commandHeader + 512, 256, command.data.hostnqn);
      return bytes;
    }
    case "property get": {
      const { bytes, view } = bareCommand(opcodes.fabrics, command.id);
      bytes[entry + 4] = fabricsTypes.propertyGet;
      bytes[entry + 40] = command.size === 8 ? 1 : 0;
      view.setUint32(entry + 44, command.offset, true);
      return bytes;
    }
    case "property set": {
      const { bytes, view } = bareCommand(opcodes.fabrics, command.id);
      bytes[entry + 4] = fabricsTypes.propertySet;
      view.setUint32(entry + 44, command.offset, true);
      view.setBigUint64(entry + 48, command.value, true);
      return bytes;
    }
    case "identify": {
      const { bytes, view } = bareCommand(opcodes.identify, command.id, command.length);
      view.setUint32(entry + 40, command.structure, true);
      return bytes;
    }
    case "get log page": {
      const { bytes, view } = bareCommand(opcodes.getLogPage, command.id, command.length);
      const dwords = command.length / 4 - 1;
      // Bit 15, RAE: what others wait for as an asynchronous event stays as it is.
      view.setUint32(entry + 40, (command.page | (1 << 15) | ((dwords & 0xffff) << 16)) >>> 0, true);
      view.setUint32(entry + 44, dwords >>> 16, true);
      view.setBigUint64(entry + 48, command.offset, true);
      return bytes;
    }
  }
}

/** How many entries the queue of a Connect has. */
export function queueSizeOf({ bytes }: Pdu): number {
  return viewOf(bytes).getUint16(entry + 44, true) + 1;
}

/** Bytes that a command says it moves. */
export function lengthOf({ bytes }: Pdu): number {
  return viewOf(bytes).getUint32(entry + 32, true);
}

/** Whether the host keeps the data of its Connect until it is asked for them, which Linux never does (nvmet_tcp_queue_response). */
export function keepsData({ bytes }: Pdu): boolean {
  const isConnect = bytes[entry] === opcodes.fabrics && bytes[entry + 4] === fabricsTypes.connect;
  return isConnect && bytes[entry + 39] === sgl.transport && bytes.length < commandHeader + connectDataSize;
}

/** The command in a capsule; `other` for what a discovery controller does not know. Throws a RangeError where it is cut. */
export function decodeCommand({ bytes }: Pdu): Command {
  const view = viewOf(bytes);
  const opcode = view.getUint8(entry);
  const id = view.getUint16(entry + 2, true);
  const length = view.getUint32(entry + 32, true);
  if (opcode === opcodes.identify) {
    return { is: "identify", id, structure: view.getUint8(entry + 40), length };
  }
  if (opcode === opcodes.getLogPage) {
    const page = view.getUint8(entry + 40);
    const dwords = view.getUint16(entry + 42, true) | (view.getUint16(entry + 44, true) << 16);
    return { is: "get log page", id, page, length: (dwords + 1) * 4, offset: view.getBigUint64(entry + 48, true) };
  }
  const type = view.getUint8(entry + 4);
  if (opcode !== opcodes.fabrics) return { is: "other", id, opcode };
  if (type === fabricsTypes.propertyGet) {
    const size = view.getUint8(entry + 40) === 1 ? 8 : 4;
    return { is: "property get", id, size, offset: view.getUint32(entry + 44, true) };
  }
  if (type === fabricsTypes.propertySet) {
    return {
      is: "property set",
      id,
      offset: view.getUint32(entry + 44, true),
      value: view.getBigUint64(entry + 48, true),
    };
  }
  if (type !== fabricsTypes.connect || bytes.length < commandHeader + connectDataSize)
    return { is: "other", id, opcode };
  return {
    is: "connect",
    id,
    queueId: view.getUint16(entry + 42, true),
    keepAlive: view.getUint32(entry + 48, true),
    data: {
      hostid: uuidText(bytes.subarray(commandHeader)),
      cntlid: view.getUint16(commandHeader + 16, true),
      subsystem: readText(bytes, commandHeader + 256, 256),
      hostnqn: readText(bytes, commandHeader + 512, 256),
    },
  };
}

export function encodeCompletion({ id, head = 0, result, status }: Completion): Uint8Array {
  const bytes = newPdu(pduTypes.response, { headerLength: 24, length: 24 });
  const view = viewOf(bytes);
  view.setBigUint64(8, result, true);
  view.setUint16(16, head, true);
  view.setUint16(20, id, true);
  view.setUint16(22, status << 1, true);
  return bytes;
}

export function decodeCompletion({ bytes }: Pdu): Completion {
  const view = viewOf(bytes);
  return { id: view.getUint16(20, true), result: view.getBigUint64(8, true), status: view.getUint16(22, true) >> 1 };
}

/** Data from the controller, as one PDU; a completion follows it, as Linux does it. */
export function encodeData(id: number, data: Uint8Array): Uint8Array {
  const length = 24 + data.length;
  const bytes = newPdu(pduTypes.c2hData, { flags: dataFlags.last, headerLength: 24, dataOffset: 24, length });
  const view = viewOf(bytes);
  view.setUint16(8, id, true);
  view.setUint32(16, data.length, true);
  bytes.set(data, 24);
  return bytes;
}

/** A piece of data: where it belongs in the whole, and whether no completion will follow. */
export function decodeData({ bytes, flags, dataOffset }: Pdu): {
  id: number;
  offset: number;
  data: Uint8Array;
  completes: boolean;
} {
  const view = viewOf(bytes);
  const length = view.getUint32(16, true);
  return {
    id: view.getUint16(8, true),
    offset: view.getUint32(12, true),
    data: bytes.subarray(dataOffset, dataOffset + length),
    completes: (flags & dataFlags.success) !== 0,
  };
}
