import type { Millis } from "../clock.ts";

/** setTimeout takes 31 bits; whoever waits longer asks again. */
const longestWait: Millis = 2 ** 31 - 1;

/** Messages for one reader, who takes them in order and does not wait for ever. */
export class Mailbox<T> {
  readonly #letters: T[] = [];
  #wake: (() => void) | undefined;

  put(letter: T): void {
    this.#letters.push(letter);
    this.#wake?.();
  }

  get isEmpty(): boolean {
    return this.#letters.length === 0;
  }

  /** The first letter; undefined when there is none. */
  take(): T | undefined {
    return this.#letters.shift();
  }

  /** Resolves when there is a letter, or after `millis`. For one waiter at a time. */
  waitFor(millis: Millis): Promise<void> {
    if (!this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.ceil(millis), longestWait));
      this.#wake = done;
    });
  }
}
