import { Duplex } from "node:stream";
import type { Sender } from "./delayed-line.ts";

/** One end of a connection within the process: what is written here is read at the other end. */
class End extends Duplex {
  readonly #lane: Sender;
  #other: End | undefined;
  #resume: (() => void) | undefined;

  constructor(lane: Sender) {
    super();
    this.#lane = lane;
  }

  join(other: End): void {
    this.#other = other;
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const other = this.#other;
    let isRead = true;
    // What does not get through at once is the kernel's: it sends it even where this end is closed before that.
    this.#lane.send(() => {
      if (other?.destroyed === false) isRead = other.push(chunk);
    });
    if (isRead || other === undefined) done();
    else other.#resume = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    const other = this.#other;
    this.#lane.send(() => {
      if (other?.destroyed === false) other.push(null);
    });
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const other = this.#other;
    this.#other = undefined;
    // As a closed socket: the other end sees the end of the stream, then close.
    this.#lane.send(() => {
      if (other !== undefined && !other.destroyed) queueMicrotask(() => other.destroy());
    });
    done(error);
  }
}

const atOnce: Sender = { send: (arrive) => arrive() };

/** Two connected streams, with a line between them. */
export function streamPair(
  { there, back }: { there: Sender; back: Sender } = { there: atOnce, back: atOnce },
): [Duplex, Duplex] {
  const [left, right] = [new End(there), new End(back)];
  left.join(right);
  right.join(left);
  return [left, right];
}
