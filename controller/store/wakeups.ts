import type { NatsConnection } from "../../shared/bus/connection.ts";
import type { Millis } from "../../shared/clock.ts";

const soon: Millis = 10;
const idle: Millis = 5_000;

/**
 * When to look for a new entry: soon after a message on its subject (which may arrive before it is stored, hence again
 * a little later), and seldom without one, for messages that were lost with a connection.
 */
export class Wakeups {
  readonly #close: () => void;
  #pause: Millis = soon;
  #wake: (() => void) | undefined;

  constructor(connection: NatsConnection, subject: string, signal: AbortSignal) {
    const subscription = connection.subscribe(subject, { callback: () => this.#now() });
    const now = () => this.#now();
    signal.addEventListener("abort", now);
    this.#close = () => {
      subscription.unsubscribe();
      signal.removeEventListener("abort", now);
    };
  }

  #now(): void {
    this.#pause = soon;
    this.#wake?.();
  }

  /** An entry was found: after it, the next one may be there soon. */
  found(): void {
    this.#pause = soon;
  }

  /** Resolves when it is time to look. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#pause);
      this.#pause = Math.min(this.#pause * 2, idle);
      this.#wake = done;
    });
  }

  close(): void {
    this.#close();
    this.#wake?.();
  }
}
