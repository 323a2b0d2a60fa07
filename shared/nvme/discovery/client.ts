import { FlashfleetError } from "../../errors.ts";
import { discoveryNqn } from "../nqn.ts";
import { type Command, decodeCompletion, decodeData, encodeCommand, encodeIcReq, properties } from "./codec.ts";
import { type DiscoveryRecord, decodeHeader, decodeRecord, recordSize } from "./log-page.ts";
import { append, type Pdu, pduTypes, takePdu } from "./pdu.ts";
import { describeStatus, statuses } from "./status.ts";

/** A byte stream to a target; a Node Duplex is one. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  write(bytes: Uint8Array): unknown;
  end(): unknown;
}

/** What a discovery subsystem offers this host. */
export interface DiscoveryLog {
  generation: bigint;
  records: DiscoveryRecord[];
}

const discoveryPage = 0x70;
/** Enabled, with 64-byte submission and 16-byte completion entries; and the same, shutting down. */
const configuration = { enable: 0x00460001n, shutDown: 0x00464001n } as const;
const recordsPerRead = 4;
/** How often a log that keeps changing is read anew. */
const attempts = 10;

function failed(reason: string, hint: string, cause?: unknown): FlashfleetError {
  return new FlashfleetError("discovery_failed", `cannot read the discovery log: ${reason}`, { hint, cause });
}

const speaksHint = "check with nvme discover that the address and port are those of an NVMe/TCP target";

/** PDUs out of a stream; gives up when the signal is aborted. */
class PduReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #aborted: Promise<never>;
  #buffer = new Uint8Array();

  constructor(stream: ByteStream, signal: AbortSignal) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#aborted = new Promise((_, reject) => {
      const stop = () =>
        reject(
          failed("the target did not answer in time", "check the network, or ask with a longer timeout", signal.reason),
        );
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
    this.#aborted.catch(() => {});
  }

  async next(): Promise<Pdu> {
    for (;;) {
      const taken = this.#take();
      if (taken !== undefined) return taken;
      const chunk = await Promise.race([this.#read(), this.#aborted]);
      if (chunk.done === true) throw failed("the target closed the connection", speaksHint);
      this.#buffer = new Uint8Array(append(this.#buffer, chunk.value));
    }
  }

  async #read(): Promise<IteratorResult<Uint8Array>> {
    try {
      return await this.#chunks.next();
    } catch (cause) {
      throw failed("the connection broke", "check that the target is up, then try again", cause);
    }
  }

  #take(): Pdu | undefined {
    try {
      const taken = takePdu(this.#buffer);
      if (taken === undefined) return undefined;
      this.#buffer = new Uint8Array(taken.rest);
      return taken.pdu;
    } catch (cause) {
      throw failed("the target does not speak NVMe/TCP", speaksHint, cause);
    }
  }
}

type Request = Command extends infer C
  ? C extends { is: "other" }
    ? never
    : C extends Command
      ? Omit<C, "id">
      : never
  : never;

/** One admin queue, one command at a time. */
class AdminQueue {
  readonly #stream: ByteStream;
  readonly #reader: PduReader;
  #id = 0;

  constructor(stream: ByteStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#reader = new PduReader(stream, signal);
  }

  async open(): Promise<void> {
    this.#stream.write(encodeIcReq());
    const { type } = await this.#reader.next();
    if (type !== pduTypes.icResp) throw failed(`the target answered with PDU type ${type}`, speaksHint);
  }

  /** Runs a command; `reads` bytes of data are expected back. */
  async run(request: Request, reads = 0): Promise<{ result: bigint; data: Uint8Array }> {
    this.#id = (this.#id + 1) & 0xffff;
    const id = this.#id;
    this.#stream.write(encodeCommand({ ...request, id }));
    const data = new Uint8Array(reads);
    for (;;) {
      const pdu = await this.#reader.next();
      if (pdu.type === pduTypes.c2hData) {
        const piece = decodeData(pdu);
        if (piece.offset + piece.data.length > reads)
          throw failed("the target sent more data than asked for", speaksHint);
        data.set(piece.data, piece.offset);
        if (piece.completes) return { result: 0n, data };
      } else if (pdu.type === pduTypes.response) {
        const { result, status } = decodeCompletion(pdu);
        if (status !== statuses.success) throw refused(request.is, status);
        return { result, data };
      } else {
        throw failed(`the target ended the connection with PDU type ${pdu.type}`, speaksHint);
      }
    }
  }
}

function refused(command: string, status: number): FlashfleetError {
  const hint =
    (status & 0x7ff) === statuses.connectInvalidHost
      ? "allow the host's NQN on the target's discovery subsystem"
      : "the target's kernel log says more";
  return failed(`the target refused ${command}: ${describeStatus(status)}`, hint);
}

async function readPage(queue: AdminQueue, offset: number, length: number): Promise<Uint8Array> {
  const { data } = await queue.run({ is: "get log page", page: discoveryPage, length, offset: BigInt(offset) }, length);
  return data;
}

/** The log in one consistent generation. */
async function readLog(queue: AdminQueue): Promise<DiscoveryLog> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { generation, records: count } = decodeHeader(await readPage(queue, 0, recordSize));
    const records: DiscoveryRecord[] = [];
    while (records.length < count) {
      const many = Math.min(recordsPerRead, count - records.length);
      const bytes = await readPage(queue, recordSize * (records.length + 1), recordSize * many);
      for (let each = 0; each < many; each++) records.push(decodeRecord(bytes.subarray(recordSize * each)));
    }
    if (decodeHeader(await readPage(queue, 0, recordSize)).generation === generation) return { generation, records };
  }
  throw failed(`the log changed ${attempts} times while it was read`, "try again when the target is quiet");
}

/**
 * Reads the discovery log page over a connection to a target's NVMe/TCP port, and ends the connection. It changes
 * nothing on the target and needs no key and no allow-listing there. Rejects with `discovery_failed`.
 *
 * Linux 5.0 loses an ICReq that comes right after accept: on a timeout, connect again and pause before this.
 */
export async function discover(
  stream: ByteStream,
  host: { hostnqn: string; hostid: string },
  signal: AbortSignal,
): Promise<DiscoveryLog> {
  const queue = new AdminQueue(stream, signal);
  try {
    await queue.open();
    const data = { hostid: host.hostid, hostnqn: host.hostnqn, cntlid: 0xffff, subsystem: discoveryNqn };
    await queue.run({ is: "connect", queueId: 0, keepAlive: 0, data });
    await queue.run({ is: "property set", offset: properties.configuration, value: configuration.enable });
    let ready = false;
    while (!ready) {
      const { result } = await queue.run({ is: "property get", size: 4, offset: properties.status });
      if (result & 2n) throw failed("the controller reports a fatal status", "the target's kernel log says more");
      ready = (result & 1n) === 1n;
    }
    const log = await readLog(queue);
    // Politeness only: without it the target reaps the controller when the socket closes.
    await queue.run({ is: "property set", offset: properties.configuration, value: configuration.shutDown });
    return log;
  } finally {
    stream.end();
  }
}
