import type { RunEntry, TaskResult } from "./entry.ts";

/** By host: results of its items, then of the task as a whole, where that is there. */
type Results = Map<string, TaskResult[]>;

interface PastBatch {
  hosts: readonly string[];
  announced: number;
  /** Places of tasks by the number that the batch gave them, and the other way round. */
  places: Map<number, string>;
  numbers: Map<string, number>;
}

/** What a run has done already, as its entries have it: what it need not do again. */
export class History {
  readonly #batches = new Map<string, PastBatch>();
  /** Of a task by its play and place: a host is in one batch of a play, and may be in another one when that is run again. */
  readonly #results = new Map<string, Results>();

  /** `mended`: what failed is left out, so that it is done again. */
  constructor(entries: readonly RunEntry[], { mended = false } = {}) {
    let current: { play: number; batch: PastBatch } | undefined;
    for (const entry of entries) {
      if (entry.is === "play") current = { play: entry.play, batch: this.#batchOf(entry) };
      else if (current !== undefined && entry.is === "task") announce(current.batch, entry.place, entry.task);
      else if (current !== undefined && entry.is === "results") {
        const place = current.batch.places.get(entry.task);
        if (place !== undefined) this.#keep(current.play, place, entry.results);
      }
    }
    if (!mended) return;
    for (const results of this.#results.values()) {
      for (const [host, all] of results) if (all.some(isFailure)) results.delete(host);
    }
  }

  /** Whether no play has begun. */
  get isEmpty(): boolean {
    return this.#batches.size === 0;
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
    return this.#batches.get(key(play, batch))?.numbers.get(place);
  }

  /** All results of a task on a host, its own as the last; undefined where it has none of its own. */
  resultsAt(play: number, place: string, host: string): readonly TaskResult[] | undefined {
    const results = this.#results.get(key(play, place))?.get(host);
    return results?.at(-1)?.item === undefined ? results : undefined;
  }

  #batchOf({ play, batch, hosts }: { play: number; batch: number; hosts: readonly string[] }): PastBatch {
    const known = this.#batches.get(key(play, batch)) ?? { hosts, announced: 0, places: new Map(), numbers: new Map() };
    this.#batches.set(key(play, batch), known);
    return known;
  }

  #keep(play: number, place: string, results: readonly TaskResult[]): void {
    const known = this.#results.get(key(play, place)) ?? new Map<string, TaskResult[]>();
    this.#results.set(key(play, place), known);
    for (const result of results) {
      const all = known.get(result.host) ?? [];
      all.push(result);
      known.set(result.host, all);
    }
  }
}

const key = (play: number, rest: number | string) => `${play}/${rest}`;

const isFailure = ({ outcome, ignored, rescued }: TaskResult) =>
  (outcome === "failed" || outcome === "unreachable") && !ignored && !rescued;

function announce(batch: PastBatch, place: string, task: number): void {
  batch.places.set(task, place);
  batch.numbers.set(place, task);
  batch.announced = Math.max(batch.announced, task + 1);
}
