import type { Clock } from "../shared/clock.ts";
import type { System } from "./system/system.ts";

/** The system's events, spread to whoever waits or listens. */
export class Changes {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Follows the system's events until the signal is aborted. */
  async follow(system: System, signal: AbortSignal): Promise<void> {
    for await (const _ of system.changes(signal)) this.tell();
  }

  /** Also for what the system has no event for: our own ops, a state that was seen to change. */
  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  on(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Resolves at the next event, or after `millis`. */
  async wait(millis: number): Promise<void> {
    const stop = new AbortController();
    using _ = this.on(() => stop.abort());
    await this.#clock.sleep(millis, stop.signal).catch(() => undefined);
  }
}
