import type { Clock, Millis } from "../../../shared/clock.ts";

/** One moment at which something is done, which can be moved and taken back. While none is set there is no timer. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: AbortController | undefined;
  #at: Millis = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Infinity: never. */
  set(at: Millis): void {
    if (at === this.#at) return;
    this.clear();
    if (at === Number.POSITIVE_INFINITY) return;
    const timer = new AbortController();
    this.#at = at;
    this.#timer = timer;
    this.#clock.sleep(Math.max(0, at - this.#clock.now()), timer.signal).then(
      () => {
        this.#at = Number.POSITIVE_INFINITY;
        this.#timer = undefined;
        this.#ring();
      },
      () => {},
    );
  }

  clear(): void {
    this.#at = Number.POSITIVE_INFINITY;
    this.#timer?.abort();
    this.#timer = undefined;
  }
}
