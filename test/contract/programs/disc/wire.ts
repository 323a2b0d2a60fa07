import type { Duplex } from "node:stream";
import { append, viewOf } from "../../../../shared/nvme/discovery/pdu.ts";
import type { Machine } from "../machine.ts";
import { Tuple } from "../python.ts";

/** What a program in Python fails with, by its repr. */
export class PythonError extends Error {
  override readonly name = "PythonError";
}

/** Of one recv(2), in seconds. */
const patience = 5;

/** A PDU as it came. */
export interface Received {
  type: number;
  flags: number;
  headerLength: number;
  dataOffset: number;
  length: number;
  bytes: Uint8Array;
}

/** A socket on which nothing but bytes is known: what disc.py speaks NVMe/TCP over. */
export class Wire {
  readonly #machine: Machine;
  readonly #stream: Duplex;
  #buffer: Uint8Array = new Uint8Array();
  #ended = false;
  #wake: (() => void) | undefined;

  private constructor(machine: Machine, stream: Duplex) {
    this.#machine = machine;
    this.#stream = stream;
    const end = () => {
      this.#ended = true;
      this.#wake?.();
    };
    stream.on("data", (chunk: Uint8Array) => {
      this.#buffer = append(this.#buffer, chunk);
      this.#wake?.();
    });
    stream.on("end", end).on("close", end).on("error", end);
  }

  static async open(machine: Machine, address: string, port: number): Promise<Wire> {
    return new Wire(machine, await machine.dial(address, port));
  }

  send(bytes: Uint8Array): void {
    this.#stream.write(bytes);
  }

  /** Rejects with a {@link PythonError} where they do not come. */
  async take(count: number): Promise<Uint8Array> {
    while (this.#buffer.length < count) {
      if (this.#ended) throw new PythonError("EOFError('closed')");
      if ((await this.#machine.within(patience, this.#more())) === undefined) {
        throw new PythonError("TimeoutError('timed out')");
      }
    }
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async pdu(): Promise<Received> {
    const header = await this.take(8);
    const length = viewOf(header).getUint32(4, true);
    const [type = 0, flags = 0, headerLength = 0, dataOffset = 0] = header;
    const bytes = append(header, await this.take(length - 8));
    return { type, flags, headerLength, dataOffset, length, bytes };
  }

  close(): void {
    this.#stream.destroy();
  }

  #more(): Promise<true> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve(true);
      };
    });
  }
}

/** The first five fields, as disc.py unpacks them. */
export function headerOf({ type, flags, headerLength, dataOffset, length }: Received): Tuple {
  return new Tuple(type, flags, headerLength, dataOffset, length);
}
