import { Duplex } from "node:stream";

/** One end of a connection within the process: what is written here is read at the other end. */
class End extends Duplex {
  #other: End | undefined;
  #resume: (() => void) | undefined;

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
    if (other === undefined || other.destroyed || other.push(chunk)) done();
    else other.#resume = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#other?.destroyed === false) this.#other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const other = this.#other;
    this.#other = undefined;
    // As a closed socket: the other end sees the end of the stream, then close.
    if (other !== undefined && !other.destroyed) queueMicrotask(() => other.destroy());
    done(error);
  }
}

/** Two connected streams. */
export function streamPair(): [Duplex, Duplex] {
  const [left, right] = [new End(), new End()];
  left.join(right);
  right.join(left);
  return [left, right];
}
