import type { Clock, Millis } from "../../../../shared/clock.ts";
import type { Line } from "./fabric.ts";

interface Waiting {
  /** When it was sent. */
  at: Millis;
  arrive(): void;
}

/** One direction of a line: what is sent arrives in order, after the delay; in none, at once and without a timer. */
class Lane {
  readonly #clock: Clock;
  readonly #queue: Waiting[] = [];
  #delay: Millis = 0;
  #timer: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  send(arrive: () => void): void {
    if (this.#delay === 0 && this.#queue.length === 0) {
      arrive();
      return;
    }
    this.#queue.push({ at: this.#clock.now(), arrive });
    if (this.#timer === undefined) this.#deliver();
  }

  /** What waits is delivered as if it had been sent with this delay: TCP has kept it, and sends it again. */
  set(delay: Millis): void {
    this.#delay = delay;
    this.#timer?.abort();
    this.#timer = undefined;
    this.#deliver();
  }

  #deliver(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const left = next.at + this.#delay - this.#clock.now();
      if (left === Number.POSITIVE_INFINITY) return;
      if (left > 0) {
        if (this.#timer === undefined) this.#wait(left);
        return;
      }
      this.#queue.shift();
      next.arrive();
    }
  }

  #wait(millis: Millis): void {
    const timer = new AbortController();
    this.#timer = timer;
    this.#clock.sleep(millis, timer.signal).then(
      () => {
        this.#timer = undefined;
        this.#deliver();
      },
      () => {},
    );
  }
}

/** The way between two ends, as long as it may be. Without a delay it costs nothing. */
export class DelayedLine implements Line {
  readonly there: Lane;
  readonly back: Lane;
  readonly #listeners = new Set<() => void>();
  #delay: Millis = 0;

  constructor(clock: Clock, delay: Millis) {
    this.there = new Lane(clock);
    this.back = new Lane(clock);
    this.setDelay(delay);
  }

  get roundTrip(): Millis {
    return 2 * this.#delay;
  }

  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** Of one message, in one direction; Infinity: packets vanish. */
  setDelay(delay: Millis): void {
    if (delay === this.#delay) return;
    this.#delay = delay;
    this.there.set(delay);
    this.back.set(delay);
    for (const changed of [...this.#listeners]) changed();
  }
}

/** What the ends of a stream need of each direction. */
export type Sender = Pick<Lane, "send">;
