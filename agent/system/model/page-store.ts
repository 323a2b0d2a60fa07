const pageSize = 4096;

/** The content of a drive: only pages that were written take memory; the rest reads as zeros. */
export class PageStore {
  readonly #pages = new Map<number, Uint8Array>();

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (const { page, from, at, count } of pieces(offset, length)) {
      const stored = this.#pages.get(page);
      if (stored !== undefined) bytes.set(stored.subarray(from, from + count), at);
    }
    return bytes;
  }

  /** What is there reads as zeros again. */
  clear(): void {
    this.#pages.clear();
  }

  write(offset: number, bytes: Uint8Array): void {
    for (const { page, from, at, count } of pieces(offset, bytes.length)) {
      let stored = this.#pages.get(page);
      if (stored === undefined) {
        stored = new Uint8Array(pageSize);
        this.#pages.set(page, stored);
      }
      stored.set(bytes.subarray(at, at + count), from);
    }
  }
}

function* pieces(offset: number, length: number) {
  for (let at = 0; at < length; ) {
    const page = Math.floor((offset + at) / pageSize);
    const from = (offset + at) % pageSize;
    const count = Math.min(pageSize - from, length - at);
    yield { page, from, at, count };
    at += count;
  }
}
