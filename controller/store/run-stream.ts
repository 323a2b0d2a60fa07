import { DeliverPolicy } from "@nats-io/jetstream";
import type { z } from "zod";
import { check, decode } from "../../shared/bus/codec.ts";
import type { Millis } from "../../shared/clock.ts";
import type { RunId } from "../../shared/protocol/ids.ts";
import { runOf, subjects } from "../../shared/protocol/subjects.ts";
import { isNotFound, persist } from "./persist.ts";
import { runStream, type Store } from "./store.ts";
import { Wakeups } from "./wakeups.ts";

/** Of one reading; a run whose nats-server went away in the middle is read again. */
const readPatience: Millis = 10_000;

/** An entry of a run, with its place in the stream. */
export interface RunEntry<T> {
  /** Grows with each entry, over all runs; has gaps within one run. */
  seq: number;
  entry: T;
}

/** The last entry of a run. */
interface LastEntry<T> {
  run: RunId;
  seq: number;
  /** Throws `bad_message` for what this version cannot read. */
  read(): T;
}

/** The truth of runs: entries of each run, in order, for ever. */
export class RunStream<T> {
  readonly #store: Store;
  readonly #schema: z.ZodType<T>;

  constructor(store: Store, schema: z.ZodType<T>) {
    this.#store = store;
    this.#schema = schema;
  }

  /**
   * Appends an entry and gives its sequence number. `expectedLast` is that of the run's last entry, 0 for a new run.
   * Throws `store_conflict` where the run has another last entry by now: another controller writes it.
   */
  async append(run: RunId, entry: T, expectedLast: number): Promise<number> {
    const { streams } = this.#store;
    const text = JSON.stringify(entry);
    // Sent again after a lost acknowledgement, the server knows it by this id and acknowledges the first one.
    const options = { msgID: crypto.randomUUID(), expect: { lastSubjectSequence: expectedLast } };
    const append = () => streams.publish(subjects.run(run), text, options);
    return (await persist(this.#store, `append to run ${run}`, append)).seq;
  }

  /** All entries of a run after a sequence number; none where there is no such run. Throws `store_failed`. */
  async read(run: RunId, after = 0): Promise<RunEntry<T>[]> {
    return persist(this.#store, `read run ${run}`, () => this.#readAll(run, after));
  }

  async #readAll(run: RunId, after: number): Promise<RunEntry<T>[]> {
    const last = await this.#lastSequence(run);
    if (last === undefined || last <= after) return [];
    const consumer = await this.#store.streams.consumers.get(runStream, {
      filter_subjects: subjects.run(run),
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: after + 1,
    });
    const entries: RunEntry<T>[] = [];
    const messages = await consumer.consume({ max_messages: 1000 });
    const timer = setTimeout(() => messages.stop(), readPatience);
    for await (const { seq, data } of messages) {
      if (seq <= last) entries.push(this.#entry(run, seq, data));
      if (seq >= last) break;
    }
    clearTimeout(timer);
    await consumer.delete().catch(() => undefined);
    if (entries.at(-1)?.seq === last) return entries;
    throw new Error(`nats-server gave entries up to ${entries.at(-1)?.seq ?? 0} only, not up to ${last}`);
  }

  /**
   * Entries of a run after a sequence number: those that are there, then each new one, until the signal is aborted,
   * which ends it without an error. Goes on over restarts of nats-server.
   */
  async *follow(run: RunId, after: number, signal: AbortSignal): AsyncGenerator<RunEntry<T>> {
    const wakeups = new Wakeups(this.#store.connection, subjects.run(run), signal);
    try {
      let seen = after;
      for (const found of await this.read(run, after)) {
        if (signal.aborted) return;
        seen = found.seq;
        yield found;
      }
      while (!signal.aborted) {
        const next = await persist(this.#store, `follow run ${run}`, () => this.#next(run, seen));
        if (next === undefined) {
          await wakeups.next();
          continue;
        }
        wakeups.found();
        seen = next.seq;
        yield next;
      }
    } finally {
      wakeups.close();
    }
  }

  /** Ids of all runs, sorted. */
  async list(): Promise<RunId[]> {
    const { manager } = this.#store;
    const query = { subjects_filter: subjects.everyRun };
    const info = await persist(this.#store, "list runs", () => manager.streams.info(runStream, query));
    const runs = Object.keys(info.state.subjects ?? {}).map(runOf);
    return runs.filter((run) => run !== undefined).sort();
  }

  /** The last entry of every run, in one reading; sorted by run. */
  async lasts(): Promise<LastEntry<T>[]> {
    if ((await this.list()).length === 0) return [];
    return persist(this.#store, "read the ends of runs", () => this.#readLasts());
  }

  async #readLasts(): Promise<LastEntry<T>[]> {
    const consumer = await this.#store.streams.consumers.get(runStream, {
      filter_subjects: subjects.everyRun,
      deliver_policy: DeliverPolicy.LastPerSubject,
    });
    const found: LastEntry<T>[] = [];
    let isWhole = false;
    const messages = await consumer.consume({ max_messages: 1000 });
    const timer = setTimeout(() => messages.stop(), readPatience);
    for await (const { seq, subject, data, info } of messages) {
      const run = runOf(subject);
      if (run !== undefined) found.push({ run, seq, read: () => this.#entry(run, seq, data).entry });
      isWhole = info.pending === 0;
      if (isWhole) break;
    }
    clearTimeout(timer);
    await consumer.delete().catch(() => undefined);
    if (isWhole) return found.sort((a, b) => (a.run < b.run ? -1 : 1));
    throw new Error(`nats-server gave the ends of ${found.length} runs only`);
  }

  /** A run's first and last entry, without what lies between them; undefined where there is no such run. */
  async ends(run: RunId): Promise<{ first: T; last: T } | undefined> {
    return persist(this.#store, `read run ${run}`, async () => {
      const first = await this.#next(run, 0);
      const last = await orNone(this.#store.manager.streams.getMessage(runStream, { last_by_subj: subjects.run(run) }));
      if (first === undefined || last === null) return undefined;
      return { first: first.entry, last: this.#entry(run, last.seq, last.data).entry };
    });
  }

  async #lastSequence(run: RunId): Promise<number | undefined> {
    const query = { last_by_subj: subjects.run(run) };
    return (await orNone(this.#store.manager.streams.getMessage(runStream, query)))?.seq;
  }

  async #next(run: RunId, after: number): Promise<RunEntry<T> | undefined> {
    const query = { seq: after + 1, next_by_subj: subjects.run(run) };
    const message = await orNone(this.#store.manager.streams.getMessage(runStream, query));
    return message === null ? undefined : this.#entry(run, message.seq, message.data);
  }

  #entry(run: RunId, seq: number, data: Uint8Array): RunEntry<T> {
    const what = `entry ${seq} of run ${run}`;
    return { seq, entry: check(this.#schema, decode(data, what), what) };
  }
}

async function orNone<M>(message: Promise<M | null>): Promise<M | null> {
  try {
    return await message;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
