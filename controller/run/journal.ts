import type { Clock } from "../../shared/clock.ts";
import type { RunId } from "../../shared/protocol/ids.ts";
import type { RunStream } from "../store/run-stream.ts";
import type { Progress, RunEntry, RunEvent, TaskResult } from "./entry.ts";

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
  readonly #pending = new Map<number, TaskResult[]>();

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
  }

  /** Resolves when the entry, and everything before it, is kept. Rejects with `store_conflict` or `store_failed`. */
  append(body: Body<RunEntry>): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      if (this.#stopped) return;
      const entry: RunEntry = { v: 1, run: this.#run, at: this.#clock.wall(), ...body };
      this.#last = await this.#stream.append(this.#run, entry, this.#last);
      this.#tell(entry);
    });
    return this.#tail;
  }

  /** Results of one task that come while an entry is being written go together into the next one. */
  result(task: number, result: TaskResult): void {
    const waiting = this.#pending.get(task);
    if (waiting !== undefined) {
      waiting.push(result);
      return;
    }
    const results = [result];
    this.#pending.set(task, results);
    // Its failure is that of the flush, which everybody waits for.
    this.#tail = this.#tail.then(() => {
      this.#pending.delete(task);
      if (this.#stopped) return;
      const entry: RunEntry = { v: 1, run: this.#run, at: this.#clock.wall(), is: "results", task, results };
      return this.#stream.append(this.#run, entry, this.#last).then((seq) => {
        this.#last = seq;
        this.#tell(entry);
      });
    });
    this.#tail.catch(() => undefined);
  }

  /** Resolves when everything so far is kept. */
  flush(): Promise<void> {
    return this.#tail;
  }

  /** Shown and not kept. */
  progress(body: Body<Progress>): void {
    this.#tell({ v: 1, run: this.#run, at: this.#clock.wall(), ...body });
  }
}
