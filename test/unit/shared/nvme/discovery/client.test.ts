import { describe, expect, it } from "vitest";
import { streamPair } from "../../../../../agent/system/model/fabric/stream-pair.ts";
import { discover } from "../../../../../shared/nvme/discovery/client.ts";
import {
  type Command,
  decodeCommand,
  encodeCompletion,
  encodeData,
  encodeIcResp,
} from "../../../../../shared/nvme/discovery/codec.ts";
import { type DiscoveryRecord, encodeLogPage } from "../../../../../shared/nvme/discovery/log-page.ts";
import { takePdu } from "../../../../../shared/nvme/discovery/pdu.ts";

const host = { hostnqn: "nqn.host", hostid: "11111111-2222-3333-4444-555555555555" };

function record(nqn: string): DiscoveryRecord {
  return {
    transport: "tcp",
    addressFamily: "ipv4",
    subtype: "nvm",
    treq: "not specified",
    portId: 1,
    cntlid: 0xffff,
    asqsz: 32,
    serviceId: "4420",
    nqn,
    address: "10.0.0.1",
    sectype: "none",
  };
}

/** A target that answers each command as it is told; the log as the page that `page` gives for each read. */
function target(answers: { status?: (command: Command) => number; page?: () => Uint8Array; icResp?: Uint8Array }) {
  const [near, far] = streamPair();
  let begun = false;
  far.on("error", () => {});
  far.on("data", (chunk: Uint8Array) => {
    const taken = takePdu(chunk);
    if (taken === undefined) throw new Error("a cut PDU");
    if (!begun) {
      begun = true;
      far.write(answers.icResp ?? encodeIcResp());
      return;
    }
    const command = decodeCommand(taken.pdu);
    const status = answers.status?.(command) ?? 0;
    if (command.is === "get log page" && status === 0) {
      const data = new Uint8Array(command.length);
      const page = answers.page?.() ?? encodeLogPage(1n, []);
      data.set(page.subarray(Number(command.offset), Number(command.offset) + command.length));
      far.write(encodeData(command.id, data));
    }
    far.write(encodeCompletion({ id: command.id, result: command.is === "property get" ? 1n : 0n, status }));
  });
  return near;
}

const patience = () => AbortSignal.timeout(5000);

describe("discover", () => {
  it("reads a log that is longer than one read", async () => {
    const names = Array.from({ length: 11 }, (_, index) => `nqn.${index}`);
    const page = encodeLogPage(3n, names.map(record));
    const log = await discover(target({ page: () => page }), host, patience());
    expect(log.generation).toBe(3n);
    expect(log.records.map(({ nqn }) => nqn)).toEqual(names);
  });

  it("reads the log anew when it changes meanwhile", async () => {
    let reads = 0;
    const page = () => (++reads <= 2 ? encodeLogPage(1n, [record("nqn.old")]) : encodeLogPage(2n, [record("nqn.new")]));
    const log = await discover(target({ page }), host, patience());
    expect(log).toMatchObject({ generation: 2n, records: [{ nqn: "nqn.new" }] });
  });

  it("gives up on a log that never stands still", async () => {
    let generation = 0n;
    const page = () => encodeLogPage(++generation, []);
    await expect(discover(target({ page }), host, patience())).rejects.toMatchObject({ code: "discovery_failed" });
  });

  it.each([
    [
      "refuses the host",
      target({ status: ({ is }) => (is === "connect" ? 0x4184 : 0) }),
      /connect: the host is not allowed \(status 0x184/,
    ],
    ["has no log", target({ status: ({ is }) => (is === "get log page" ? 0x4002 : 0) }), /get log page: invalid field/],
    [
      "is a web server",
      target({ icResp: new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n") }),
      /does not speak NVMe\/TCP/,
    ],
  ])("says so where the target %s", async (_, stream, message) => {
    const failing = discover(stream, host, patience());
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toMatchObject({ code: "discovery_failed" });
  });

  it("says so where the target closes", async () => {
    const [near, far] = streamPair();
    far.resume().on("error", () => {});
    far.end();
    await expect(discover(near, host, patience())).rejects.toThrow("the target closed the connection");
  });

  it("waits no longer than it may", async () => {
    const [near] = streamPair();
    const stop = new AbortController();
    const failing = discover(near, host, stop.signal);
    stop.abort();
    await expect(failing).rejects.toThrow("did not answer in time");
  });
});
