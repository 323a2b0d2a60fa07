/** Values that arrive as they like, read in order. Ended, it gives what it has and then ends, or throws. */
export class Queue<T> implements AsyncIterable<T> {
  readonly #values: T[] = [];
  #over: { error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  push(value: T): void {
    if (this.#over !== undefined) return;
    this.#values.push(value);
    this.#wake?.();
  }

  /** Only the first end counts. */
  end(): void {
    this.#over ??= {};
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#over ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      for (let value = this.#values.shift(); value !== undefined; value = this.#values.shift()) yield value;
      if (this.#over !== undefined) {
        if ("error" in this.#over) throw this.#over.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
