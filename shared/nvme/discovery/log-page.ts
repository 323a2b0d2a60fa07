import type { AddressFamily, Transport } from "../address.ts";
import { viewOf } from "./pdu.ts";
import { readText, writeText } from "./text.ts";

/** One entry of the discovery log page (NVMe-oF 1.1, 5.3): somewhere to connect to. */
export interface DiscoveryRecord {
  /** `unknown <number>` for a type that this table lacks. */
  transport: Transport | `unknown ${number}`;
  addressFamily: AddressFamily | `unknown ${number}`;
  subtype: "referral" | "nvm" | "current discovery" | `unknown ${number}`;
  /** Whether the connection must be secured. */
  treq: "not specified" | "required" | "not required";
  portId: number;
  /** 0xffff: any. */
  cntlid: number;
  /** Admin queue size. */
  asqsz: number;
  serviceId: string;
  nqn: string;
  address: string;
  /** TLS of a tcp entry; `none` for other transports. */
  sectype: "none" | "tls1.2" | "tls1.3" | `unknown ${number}`;
}

export interface LogHeader {
  /** Rises with each change. */
  generation: bigint;
  records: number;
}

export const recordSize = 1024;

const transports = { 1: "rdma", 2: "fc", 3: "tcp", 254: "loop" } as const;
const families = { 1: "ipv4", 2: "ipv6", 3: "ib", 4: "fc", 254: "loop" } as const;
const subtypes = { 1: "referral", 2: "nvm", 3: "current discovery" } as const;
const sectypes = { 0: "none", 1: "tls1.2", 2: "tls1.3" } as const;
const requirements = ["not specified", "required", "not required"] as const;
/** treq bit 2: the port can do without SQ flow control. */
const disableSqFlow = 4;

function nameOf<V extends string>(table: Readonly<Record<number, V>>, value: number): V | `unknown ${number}` {
  return table[value] ?? `unknown ${value}`;
}

function numberOf(table: Readonly<Record<number, string>>, name: string): number {
  const known = Object.entries(table).find(([, each]) => each === name);
  return Number(known?.[0] ?? name.replace("unknown ", ""));
}

export function decodeHeader(bytes: Uint8Array): LogHeader {
  const view = viewOf(bytes);
  return { generation: view.getBigUint64(0, true), records: Number(view.getBigUint64(8, true)) };
}

export function decodeRecord(bytes: Uint8Array): DiscoveryRecord {
  const view = viewOf(bytes);
  const transport = nameOf(transports, view.getUint8(0));
  return {
    transport,
    addressFamily: nameOf(families, view.getUint8(1)),
    subtype: nameOf(subtypes, view.getUint8(2)),
    treq: requirements[view.getUint8(3) & 3] ?? "not specified",
    portId: view.getUint16(4, true),
    cntlid: view.getUint16(6, true),
    asqsz: view.getUint16(8, true),
    serviceId: readText(bytes, 32, 32),
    nqn: readText(bytes, 256, 256),
    address: readText(bytes, 512, 256),
    sectype: transport === "tcp" ? nameOf(sectypes, view.getUint8(768)) : "none",
  };
}

function encodeRecord(record: DiscoveryRecord): Uint8Array {
  const bytes = new Uint8Array(recordSize);
  const view = viewOf(bytes);
  view.setUint8(0, numberOf(transports, record.transport));
  view.setUint8(1, numberOf(families, record.addressFamily));
  view.setUint8(2, numberOf(subtypes, record.subtype));
  view.setUint8(3, requirements.indexOf(record.treq) | (record.subtype === "referral" ? 0 : disableSqFlow));
  view.setUint16(4, record.portId, true);
  view.setUint16(6, record.cntlid, true);
  view.setUint16(8, record.asqsz, true);
  writeText(bytes, 32, 32, record.serviceId);
  writeText(bytes, 256, 256, record.nqn);
  writeText(bytes, 512, 256, record.address);
  view.setUint8(768, record.transport === "tcp" ? numberOf(sectypes, record.sectype) : 0);
  return bytes;
}

/** The whole log page: header and records. */
export function encodeLogPage(generation: bigint, records: readonly DiscoveryRecord[]): Uint8Array {
  const page = new Uint8Array(recordSize * (records.length + 1));
  const view = viewOf(page);
  view.setBigUint64(0, generation, true);
  view.setBigUint64(8, BigInt(records.length), true);
  records.forEach((record, index) => {
    page.set(encodeRecord(record), recordSize * (index + 1));
  });
  return page;
}
