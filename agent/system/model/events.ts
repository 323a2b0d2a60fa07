import type { Change } from "../system.ts";

/** Kernel events of a node, to everyone who listens at that moment. */
export class Events {
  readonly #listeners = new Set<(change: Change) => void>();

  emit(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** From now until the signal is aborted. What happens between two reads waits in order. */
  changes(signal: AbortSignal): AsyncIterable<Change> {
    const pending: Change[] = [];
    let wake = () => {};
    const listener = (change: Change) => {
      pending.push(change);
      wake();
    };
    const stop = () => {
      this.#listeners.delete(listener);
      wake();
    };
    if (!signal.aborted) this.#listeners.add(listener);
    signal.addEventListener("abort", stop, { once: true });
    const next = () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      });
    return (async function* () {
      try {
        while (!signal.aborted) {
          const change = pending.shift();
          if (change === undefined) await next();
          else yield change;
        }
      } finally {
        stop();
      }
    })();
  }
}
