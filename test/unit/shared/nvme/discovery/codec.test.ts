import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acceptsIcReq,
  type Command,
  decodeCommand,
  decodeCompletion,
  decodeData,
  encodeCommand,
  encodeCompletion,
  encodeData,
  encodeIcReq,
} from "../../../../../shared/nvme/discovery/codec.ts";
import {
  decodeHeader,
  decodeRecord,
  encodeLogPage,
  recordSize,
} from "../../../../../shared/nvme/discovery/log-page.ts";
import { append, type Pdu, takePdu } from "../../../../../shared/nvme/discovery/pdu.ts";
import { describeStatus } from "../../../../../shared/nvme/discovery/status.ts";

function pduOf(bytes: Uint8Array): Pdu {
  const taken = takePdu(bytes);
  if (taken === undefined) throw new Error("not whole");
  return taken.pdu;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

type Sent = Exclude<Command, { is: "other" }>;

const id = fc.integer({ min: 0, max: 0xffff });
const name = fc.stringMatching(/^[a-z0-9.:-]{1,222}$/);
const command: fc.Arbitrary<Sent> = fc.oneof(
  fc.record({
    is: fc.constant("connect" as const),
    id,
    queueId: id,
    keepAlive: fc.nat(),
    data: fc.record({ hostid: fc.uuid(), cntlid: id, subsystem: name, hostnqn: name }),
  }),
  fc.record({
    is: fc.constant("property get" as const),
    id,
    size: fc.constantFrom(4 as const, 8 as const),
    offset: fc.nat(),
  }),
  fc.record({
    is: fc.constant("property set" as const),
    id,
    offset: fc.nat(),
    value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
  fc.record({ is: fc.constant("identify" as const), id, structure: fc.nat(255), length: fc.constant(4096) }),
  fc.record({
    is: fc.constant("get log page" as const),
    id,
    page: fc.nat(255),
    length: fc.integer({ min: 1, max: 2 ** 20 }).map((dwords) => dwords * 4),
    offset: fc.bigInt({ min: 0n, max: 2n ** 40n }),
  }),
);

describe("the NVMe/TCP codec", () => {
  it("reads back every command that it writes", () => {
    fc.assert(
      fc.property(command, (sent) => {
        expect(decodeCommand(pduOf(encodeCommand(sent)))).toEqual(sent);
      }),
    );
  });

  it("takes PDUs out of a stream, however it is cut", () => {
    const stream = Buffer.concat([
      encodeIcReq(),
      encodeCompletion({ id: 7, result: 5n, status: 0x4182 }),
      encodeData(7, new Uint8Array(3000)),
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), (piece) => {
        let buffer: Uint8Array = new Uint8Array();
        const types: number[] = [];
        for (let at = 0; at < stream.length; at += piece) {
          buffer = append(buffer, stream.subarray(at, at + piece));
          for (let taken = takePdu(buffer); taken !== undefined; taken = takePdu(buffer)) {
            types.push(taken.pdu.type);
            buffer = taken.rest;
          }
        }
        expect(types).toEqual([0, 5, 7]);
      }),
    );
  });

  // As disc.py, which was run against kernels from 5.0 to 7.2, packs them.
  it("writes the bytes that Linux takes", () => {
    expect(hex(encodeIcReq())).toBe(`0000800080000000${"00".repeat(120)}`);
    expect(hex(encodeCommand({ is: "property get", id: 2, size: 8, offset: 0 }))).toBe(
      `0400480048000000${"7f400200"}04${"00".repeat(35)}01${"00".repeat(23)}`,
    );
    expect(hex(encodeCommand({ is: "property set", id: 3, offset: 0x14, value: 0x460001n }))).toBe(
      `0400480048000000${"7f400300"}${"00".repeat(36)}00000000${"14000000"}${"0100460000000000"}${"00".repeat(8)}`,
    );
    const log = encodeCommand({ is: "get log page", id: 5, page: 0x70, length: 1024, offset: 1024n });
    expect(hex(log)).toBe(
      `0400480048000000${"02400500"}${"00".repeat(20)}${"00".repeat(8)}00040000000000${"5a"}${"7080ff00"}00000000${"0004000000000000"}${"00".repeat(8)}`,
    );
    const connect = encodeCommand({
      is: "connect",
      id: 1,
      queueId: 0,
      keepAlive: 0,
      data: { hostid: "11111111-2222-3333-4444-555555555555", cntlid: 0xffff, subsystem: "s", hostnqn: "h" },
    });
    expect(connect.length).toBe(72 + 1024);
    expect(hex(connect.subarray(0, 90))).toBe(
      `0400484848040000${"7f400100"}01${"00".repeat(19)}${"00".repeat(8)}00040000000000${"01"}00000000${"1f00"}${"00".repeat(18)}${"11111111222233334444555555555555"}ffff`,
    );
  });

  it("refuses initialisation with another format or alignment", () => {
    const broken = encodeIcReq();
    broken[8] = 1;
    expect(acceptsIcReq(pduOf(encodeIcReq()))).toBe(true);
    expect(acceptsIcReq(pduOf(broken))).toBe(false);
  });

  it("throws at a length that cannot be one", () => {
    expect(() => takePdu(Uint8Array.from([0, 0, 0, 0, 1, 0, 0, 0]))).toThrow(RangeError);
  });

  it("reads completions and data", () => {
    expect(decodeCompletion(pduOf(encodeCompletion({ id: 9, result: 1n << 40n, status: 0x4184 })))).toEqual({
      id: 9,
      result: 1n << 40n,
      status: 0x4184,
    });
    expect(decodeData(pduOf(encodeData(3, Uint8Array.from([1, 2, 3]))))).toMatchObject({
      id: 3,
      offset: 0,
      completes: false,
    });
  });

  it("cuts texts at the first NUL, whatever lies behind", () => {
    const page = encodeLogPage(7n, [
      {
        transport: "tcp",
        addressFamily: "ipv4",
        subtype: "nvm",
        treq: "required",
        portId: 1,
        cntlid: 0xffff,
        asqsz: 32,
        serviceId: "4420",
        nqn: "nqn.a",
        address: "10.0.0.1",
        sectype: "tls1.3",
      },
    ]);
    page.fill(0x41, recordSize + 512 + 9, recordSize + 768);
    expect(decodeHeader(page)).toEqual({ generation: 7n, records: 1 });
    expect(decodeRecord(page.subarray(recordSize))).toEqual({
      transport: "tcp",
      addressFamily: "ipv4",
      subtype: "nvm",
      treq: "required",
      portId: 1,
      cntlid: 0xffff,
      asqsz: 32,
      serviceId: "4420",
      nqn: "nqn.a",
      address: "10.0.0.1",
      sectype: "tls1.3",
    });
  });

  it("says a status in words", () => {
    expect(describeStatus(0x4182)).toBe("unknown subsystem or invalid Connect parameter (status 0x182, do not retry)");
  });
});
