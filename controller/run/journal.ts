import type { Clock } from "../../shared/clock.ts";
import type { RunId } from "../../shared/protocol/ids.ts";
import type { RunStream } from "../store/run-stream.ts";
import type { Progress, RunEntry, RunEvent, TaskResult } from "./entry.ts";

/**
 * Milliseconds between two entries of results. Whoever looks on sees no difference, and where thousands of hosts are through
 * in a moment an entry for every few of them would cost more than their tasks.
 */
const gatherMillis = 25;
/** Characters of JSON of the results in one entry, beyond which another one is begun: nats-server takes no messages without end. */
const mostOfEntry = 256 * 1024;

type Body<T> = T extends unknown ? Omit<T, "v" | "run" | "at"> : never;

/**
 * Writes a run's entries, one after the other: each names the last one it follows, so that a second writer is noticed. Tells
 * them to whoever looks on.
 */
export class RunJournal {
  readonly #stream: RunStream<RunEntry>;
  readonly #run: RunId;
  readonly #clock: Clock;
  readonly #tell: (event: RunEvent) => void;
  #last: number;
  #stopped = false;
  #tail: Promise<void> = Promise.resolve();
  readonly #pending = new Map<number, { results: TaskResult[]; size: number }>();
  #writtenAt = Number.NEGATIVE_INFINITY;
  /** Ends the wait for more results; how many wait for everything to be kept. */
  #hurry: () => void = () => {};
  #waiting = 0;

  /** `last`: the sequence number of the run's last entry, 0 for a new run. */
  constructor(stream: RunStream<RunEntry>, run: RunId, clock: Clock, tell: (event: RunEvent) => void, last = 0) {
    this.#last = last;
    this.#stream = stream;
    this.#run = run;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The controller stops: nothing more is written, so that its next life goes on from here. */
  stop(): void {
    this.#stopped = true;
    this.#hurry();
  }

  /** Resolves when the entry, and everything before it, is kept. Rejects with `store_conflict` or `store_failed`. */
  append(body: Body<RunEntry>): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      if (this.#stopped) return;
      const entry: RunEntry = { v: 1, run: this.#run, at: this.#clock.wall(), ...body };
      this.#last = await this.#stream.append(this.#run, entry, this.#last);
      this.#tell(entry);
    });
    return this.flush();
  }

  /** Results of one task that come soon after an entry, or while one is being written, go together into the next one. */
  result(task: number, result: TaskResult): void {
    const size = JSON.stringify(result).length;
    const waiting = this.#pending.get(task);
    if (waiting !== undefined && waiting.size + size <= mostOfEntry) {
      waiting.results.push(result);
      waiting.size += size;
      return;
    }
    // One that is full does not wait for more.
    if (waiting !== undefined) this.#hurry();
    const begun = { results: [result], size };
    const { results } = begun;
    this.#pending.set(task, begun);
    // Its failure is that of the flush, which everybody waits for.
    this.#tail = this.#tail.then(async () => {
      if (this.#pending.get(task) === begun) await this.#gather();
      if (this.#pending.get(task) === begun) this.#pending.delete(task);
      if (this.#stopped) return;
      const entry: RunEntry = { v: 1, run: this.#run, at: this.#clock.wall(), is: "results", task, results };
      this.#last = await this.#stream.append(this.#run, entry, this.#last);
      this.#writtenAt = this.#clock.now();
      this.#tell(entry);
    });
    this.#tail.catch(() => undefined);
  }

  async #gather(): Promise<void> {
    const millis = this.#writtenAt + gatherMillis - this.#clock.now();
    if (millis <= 0 || this.#waiting > 0 || this.#stopped) return;
    const cut = new AbortController();
    this.#hurry = () => cut.abort();
    await this.#clock.sleep(millis, cut.signal).catch(() => undefined);
  }

  /** Resolves when everything so far is kept. */
  async flush(): Promise<void> {
    this.#waiting++;
    this.#hurry();
    try {
      await this.#tail;
    } finally {
      this.#waiting--;
    }
  }

  /** Shown and not kept. */
  progress(body: Body<Progress>): void {
    this.#tell({ v: 1, run: this.#run, at: this.#clock.wall(), ...body });
  }
}
