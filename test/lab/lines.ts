import { StringDecoder } from "node:string_decoder";
import { type Millis, systemClock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";

const SHOWN_AT_FAILURE = 20;

/** Text that comes in pieces, as lines that can be waited for. Ends once, with or without an error. */
export class Lines {
  readonly #what: string;
  readonly #lines: string[] = [];
  readonly #decoder = new StringDecoder();
  readonly #waiters = new Set<() => void>();
  #rest = "";
  #ended: { error?: unknown } | undefined;

  /** @param what what these lines are, for errors: "the console of target" */
  constructor(what: string) {
    this.#what = what;
  }

  /** Whole lines so far. */
  get count(): number {
    return this.#lines.length;
  }

  push(piece: Uint8Array): void {
    const pieces = (this.#rest + this.#decoder.write(Buffer.from(piece))).split("\n");
    this.#rest = pieces.pop() ?? "";
    this.#lines.push(...pieces.map((line) => line.replace(/\r+$/, "")));
    if (pieces.length > 0) this.#wake();
  }

  end(error?: unknown): void {
    if (this.#ended !== undefined) return;
    if (this.#rest !== "") this.#lines.push(this.#rest);
    this.#ended = { error };
    this.#wake();
  }

  /** The last lines, to show what went before a failure. */
  tail(count = SHOWN_AT_FAILURE): string {
    return this.#lines.slice(-count).join("\n");
  }

  /**
   * The first line that matches, among those that came (after the line number `from`) and those that will.
   * @throws {FlashfleetError} `deadline` after `within`, `not_found` where the text ends without one; both show the last lines.
   */
  async waitFor(
    pattern: RegExp,
    { within = 60_000, from = 0 }: { within?: Millis; from?: number } = {},
  ): Promise<RegExpExecArray> {
    const expiry = AbortSignal.timeout(within);
    for (let next = from; ; ) {
      for (; next < this.#lines.length; next += 1) {
        const match = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(this.#lines[next] ?? "");
        if (match !== null) return match;
      }
      if (this.#ended !== undefined) throw this.#failure("not_found", pattern, "it ended without", this.#ended.error);
      if (expiry.aborted) throw this.#failure("deadline", pattern, `${within} ms passed without`);
      await this.#more(expiry);
    }
  }

  /** Every line, from the first on, until the text ends; ends at an error too, which whoever made the lines reports. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    for (let next = 0; ; ) {
      for (; next < this.#lines.length; next += 1) yield this.#lines[next] ?? "";
      if (this.#ended !== undefined) return;
      await this.#more();
    }
  }

  #more(expiry?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiters.delete(wake);
        expiry?.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiters.add(wake);
      expiry?.addEventListener("abort", wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  #failure(code: "deadline" | "not_found", pattern: RegExp, reason: string, cause?: unknown): FlashfleetError {
    const text = `cannot see ${pattern} in ${this.#what}: ${reason} it; its last lines:\n${this.tail()}`;
    return new FlashfleetError(code, text, cause === undefined ? {} : { cause });
  }
}

/**
 * Settles as the promise does, or rejects after `within`.
 * @throws {FlashfleetError} `deadline`, saying "cannot <doing>".
 */
export async function inTime<T>(promise: Promise<T>, within: Millis, doing: string): Promise<T> {
  const done = new AbortController();
  const expiry = systemClock.sleep(within, done.signal).then(() => {
    throw new FlashfleetError("deadline", `cannot ${doing}: it took longer than ${within} ms`);
  });
  expiry.catch(() => {});
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    done.abort();
  }
}
