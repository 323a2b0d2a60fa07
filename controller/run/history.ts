import type { RunEntry, TaskResult } from "./entry.ts";

/** What is kept of a task of a run that began before. */
interface PastTask {
  task: number;
  /** By host: of its items, then of the task as a whole, where that is there. */
  results: Map<string, TaskResult[]>;
}

interface PastBatch {
  hosts: readonly string[];
  announced: number;
  byPlace: Map<string, PastTask>;
  byNumber: Map<number, PastTask>;
}

/** What a run has done already, as its entries have it: what it need not do again. */
export class History {
  readonly #batches = new Map<string, PastBatch>();

  /** `mended`: what failed is left out, so that it is done again. */
  constructor(entries: readonly RunEntry[], { mended = false } = {}) {
    let current: PastBatch | undefined;
    for (const entry of entries) {
      if (entry.is === "play") current = this.#batchOf(entry.play, entry.batch, entry.hosts);
      else if (entry.is === "task") announce(current, entry.place, entry.task);
      else if (entry.is === "results") {
        const results = current?.byNumber.get(entry.task)?.results;
        for (const result of entry.results) if (results !== undefined) keep(results, result);
      }
    }
    if (!mended) return;
    for (const batch of this.#batches.values()) {
      for (const { results } of batch.byNumber.values()) {
        for (const [host, all] of results) if (all.some(isFailure)) results.delete(host);
      }
    }
  }

  /** The hosts of a batch in their order, where it was begun. */
  hostsOf(play: number, batch: number): readonly string[] | undefined {
    return this.#batches.get(key(play, batch))?.hosts;
  }

  /** How many tasks of the batch were announced. */
  announced(play: number, batch: number): number {
    return this.#batches.get(key(play, batch))?.announced ?? 0;
  }

  /** The number of a task that was announced, by its place in the play. */
  taskAt(play: number, batch: number, place: string): number | undefined {
    return this.#batches.get(key(play, batch))?.byPlace.get(place)?.task;
  }

  /** All results of a task on a host, its own as the last; undefined where it has none of its own. */
  resultsAt(play: number, batch: number, place: string, host: string): readonly TaskResult[] | undefined {
    const results = this.#batches.get(key(play, batch))?.byPlace.get(place)?.results.get(host);
    return results?.at(-1)?.item === undefined ? results : undefined;
  }

  #batchOf(play: number, batch: number, hosts: readonly string[]): PastBatch {
    const known = this.#batches.get(key(play, batch)) ?? {
      hosts,
      announced: 0,
      byPlace: new Map(),
      byNumber: new Map(),
    };
    this.#batches.set(key(play, batch), known);
    return known;
  }
}

const key = (play: number, batch: number) => `${play}/${batch}`;

const isFailure = ({ outcome, ignored, rescued }: TaskResult) =>
  (outcome === "failed" || outcome === "unreachable") && !ignored && !rescued;

function announce(batch: PastBatch | undefined, place: string, task: number): void {
  if (batch === undefined) return;
  const past = { task, results: new Map<string, TaskResult[]>() };
  batch.byPlace.set(place, past);
  batch.byNumber.set(task, past);
  batch.announced = Math.max(batch.announced, task + 1);
}

function keep(results: PastTask["results"], result: TaskResult): void {
  const all = results.get(result.host) ?? [];
  all.push(result);
  results.set(result.host, all);
}
