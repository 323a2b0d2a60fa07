import type { Clock, Millis } from "../../../../shared/clock.ts";

interface Sleeper {
  at: Millis;
  wake(): void;
}

/** Turns of the event loop in which what is under way within the process comes to rest: messages, answers, scans. */
const turns = 8;

/**
 * Time on a shadow. It passes only while somebody waits for it who is to be kept waiting (`foreground`), and then at once: the
 * model's own timers (`background`) go off on the way, in their order.
 */
export class Timeline {
  readonly #wall: Millis;
  readonly #sleepers = new Set<Sleeper>();
  /** What is asked of the real world meanwhile: no time passes until it is answered. */
  readonly #outside = new Set<Promise<unknown>>();
  #now: Millis = 0;
  readonly foreground: Clock;
  readonly background: Clock;

  /** @param wall the wall clock at its beginning, Unix milliseconds */
  constructor(wall: Millis) {
    this.#wall = wall;
    const time = { wall: () => this.#wall + this.#now, now: () => this.#now };
    this.foreground = { ...time, sleep: (millis) => this.#pass(this.#now + Math.max(0, millis)) };
    this.background = { ...time, sleep: (millis, signal) => this.#sleep(millis, signal) };
  }

  /** Holds time still until it is settled. */
  async outside<T>(asked: Promise<T>): Promise<T> {
    this.#outside.add(asked);
    try {
      return await asked;
    } finally {
      this.#outside.delete(asked);
    }
  }

  /** Waits for work of the model, and lets as much time pass as that needs. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const end = () => {
      settled = true;
    };
    work.then(end, end);
    for (;;) {
      await this.#rest();
      if (settled) return work;
      const next = this.#next(Number.POSITIVE_INFINITY);
      // Nothing would ever wake it: it waits for the real world alone.
      if (next === undefined) return work;
      this.#go(next);
    }
  }

  async #pass(until: Millis): Promise<void> {
    await this.#rest();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#go(next);
      await this.#rest();
    }
    this.#now = Math.max(this.#now, until);
  }

  #next(until: Millis): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at <= until && (first === undefined || sleeper.at < first.at)) first = sleeper;
    }
    return first;
  }

  #go(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    this.#now = Math.max(this.#now, sleeper.at);
    sleeper.wake();
  }

  async #rest(): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      if (this.#outside.size > 0) await Promise.allSettled(this.#outside);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  #sleep(millis: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, millis),
        wake: () => {
          signal?.removeEventListener("abort", stop);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }
}
