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
  #last = 0;
  #tail: Promise<void> = Promise.resolve();
  #pending: TaskResult[] = [];

  constructor(stream: RunStream<RunEntry>, run: RunId, clock: Clock, tell: (event: RunEvent) => void) {
    this.#stream = stream;
    this.#run = run;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Resolves when the entry, and everything before it, is kept. Rejects with `store_conflict` or `store_failed`. */
  append(body: Body<RunEntry>): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      const entry: RunEntry = { v: 1, run: this.#run, at: this.#clock.wall(), ...body };
      this.#last = await this.#stream.append(this.#run, entry, this.#last);
      this.#tell(entry);
    });
    return this.#tail;
  }

  /** Results that come while an entry is being written go together into the next one. */
  result(result: TaskResult): void {
    this.#pending.push(result);
    if (this.#pending.length > 1) return;
    // Its failure is that of the flush, which everybody waits for.
    this.#tail = this.#tail.then(() => {
      const results = this.#pending;
      this.#pending = [];
      const entry: RunEntry = { v: 1, run: this.#run, at: this.#clock.wall(), is: "results", results };
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
