import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { Workshop } from "./engine/converge.ts";
import type { Queue } from "./engine/queue.ts";
import type { Reporter } from "./reporter.ts";
import { restore } from "./restore.ts";
import type { Store } from "./store/store.ts";

/** Milliseconds. Events come in bursts: they are looked at together. */
const settleMillis = 100;
/** Orders come in rows, and each brings changes: the node is looked after when no more come, or after so long. */
const quietMillis = 500;
const longestHoldMillis = 2000;
const firstRetryMillis = 1000;
const longestRetryMillis = 30_000;

interface Desk {
  shop: Workshop;
  store: Store;
  clock: Clock;
  queue: Queue;
  reporter: Reporter;
  log: Logger;
  jitter(millis: number): number;
  /** Aborted when the agent stops. */
  signal: AbortSignal;
}

/** Looks after the node between orders: restores what its spec says, and reports what it has. */
export class Keeper {
  readonly #desk: Desk;
  #due = false;
  /** Orders under way, and when the last one ended. */
  #held = 0;
  #releasedAt = Number.NEGATIVE_INFINITY;
  #retrying = false;
  #pause = firstRetryMillis;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Something has changed, or may have: the node is looked at shortly, once for all calls until then. */
  soon(): void {
    if (this.#due) return;
    this.#due = true;
    void this.#look();
  }

  /** An order is under way, until this is disposed of. */
  hold(): Disposable {
    this.#held++;
    return {
      [Symbol.dispose]: () => {
        this.#held--;
        this.#releasedAt = this.#desk.clock.now();
      },
    };
  }

  get #isHeld(): boolean {
    return this.#held > 0 || this.#desk.clock.now() < this.#releasedAt + quietMillis;
  }

  async #look(): Promise<void> {
    const { clock, signal, log } = this.#desk;
    try {
      const latest = clock.now() + longestHoldMillis;
      do await clock.sleep(settleMillis, signal);
      while (this.#isHeld && clock.now() < latest);
      this.#due = false;
      await this.#mend();
    } catch (error) {
      this.#due = false;
      if (!signal.aborted) log.error({ err: error }, "cannot look after the node");
    }
  }

  async #mend(): Promise<void> {
    const { shop, store, clock, queue, reporter, log } = this.#desk;
    const empty = Object.keys(store.spec.get().entries).length === 0;
    const nothing = { changed: false, conditions: [] };
    // What is seen is told before it is mended: a repair may wait long for a peer that is gone.
    const wasSettled = reporter.settled;
    if (wasSettled) await reporter.report();
    const { changed, conditions } = empty ? nothing : await queue.run(() => restore(shop, store, clock));
    const isToldAlready = JSON.stringify(conditions) === JSON.stringify(reporter.conditions);
    reporter.conditions = conditions;
    reporter.settled = true;
    for (const { code, resource, message } of isToldAlready ? [] : conditions) log.warn({ code, resource }, message);
    if (changed) log.info({}, "restored what the spec says");
    if (changed || !isToldAlready || !wasSettled) await reporter.report();
    if (conditions.length === 0) this.#pause = firstRetryMillis;
    else void this.#again();
  }

  /** What could not be restored is tried again soon, then less often: a target that boots later has no event for us. */
  async #again(): Promise<void> {
    const { clock, signal, jitter } = this.#desk;
    if (this.#retrying) return;
    this.#retrying = true;
    await clock.sleep(jitter(this.#pause), signal).catch(() => undefined);
    this.#retrying = false;
    this.#pause = Math.min(this.#pause * 2, longestRetryMillis);
    if (!signal.aborted) this.soon();
  }
}
