import type { Bus } from "../shared/bus/bus.ts";
import { type Clock, deadlineIn } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { canonicalJson } from "../shared/protocol/canonical.ts";
import type { NodeId } from "../shared/protocol/ids.ts";
import type { Condition, Report } from "../shared/protocol/report.ts";
import { Queue } from "./engine/queue.ts";
import { type Observation, observe } from "./observe/observe.ts";
import type { Seen } from "./observe/observed.ts";
import { refresh } from "./observe/refresh.ts";
import { buildReport, type ReportSection, reportFocus, reportSections } from "./report.ts";
import type { Store } from "./store/store.ts";
import type { System } from "./system/system.ts";

/** Reports of one start of an agent have numbers of their own: a restart goes on above them without writing each one down. */
const numbersPerStart = 1_000_000;
const answerMillis = 5000;

interface Desk {
  node: NodeId;
  system: System;
  bus: Bus;
  store: Store;
  clock: Clock;
  log: Logger;
  bootId: string;
}

/** Tells the controller what the node has, when that has changed. */
export class Reporter {
  readonly #desk: Desk;
  #sequence: number;
  #last = "";
  #sent = false;
  /** One at a time: of two looks, the later one must have the higher number. */
  readonly #looks = new Queue();
  #looksBegun = 0;
  /** What the last report was made of. */
  #known: Seen<ReportSection> | undefined;
  /** What a task has seen since then, and how many looks had begun by that time. */
  #learned: { observation: Observation; looks: number } | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  conditions: Condition[] = [];
  /** The node has been looked after once since this start. */
  settled = false;

  private constructor(desk: Desk, sequence: number) {
    this.#desk = desk;
    this.#sequence = sequence;
  }

  static async open(desk: Desk): Promise<Reporter> {
    const sequence = desk.store.sequence.get() + numbersPerStart;
    await desk.store.sequence.set(sequence);
    return new Reporter(desk, sequence);
  }

  /** Of the last report that was made. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The node as it is now; a number of its own where it differs from the last one. */
  make(): Promise<Report> {
    return this.#looks.run(() => this.#look());
  }

  async #look(): Promise<Report> {
    this.#looksBegun++;
    this.#known = await observe(this.#desk.system, reportSections, reportFocus);
    return this.#compose(this.#known);
  }

  #compose(seen: Seen<ReportSection>): Report {
    const { node, store, clock, bootId } = this.#desk;
    const report = buildReport(seen, {
      node,
      sequence: 0,
      bootId,
      at: clock.wall(),
      spec: store.spec.get(),
      conditions: this.conditions,
    });
    if (this.settled) report.settled = true;
    const content = canonicalJson({ ...report, at: 0 });
    if (content !== this.#last) {
      this.#last = content;
      this.#sequence++;
      this.#sent = false;
    }
    return { ...report, sequence: this.#sequence };
  }

  /** What a task saw at its end: {@link reportLearned} makes its report of it. */
  learn(observation: Observation): void {
    this.#learned = { observation, looks: this.#looksBegun };
  }

  /** As {@link report}, without another look where what was learned last says enough. */
  async reportLearned(): Promise<void> {
    const learned = this.#learned;
    this.#learned = undefined;
    if (learned === undefined) return this.report();
    const report = await this.#looks.run(async () => {
      // A look that began later has seen all of it.
      const fresh = learned.looks < this.#looksBegun;
      const known = this.#known && (fresh ? this.#known : refresh(this.#known, learned.observation));
      if (known === undefined) return undefined;
      this.#known = known;
      return this.#compose(known);
    });
    if (report === undefined) return this.report();
    await this.#send(report);
  }

  /** The controller does not know us any more: the next report goes out even if it says nothing new. */
  forget(): void {
    this.#sent = false;
  }

  /** Looks, and reports what is new; resolves when that is done. One at a time; calls meanwhile become one more. */
  report(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#untilQuiet();
    return this.#running;
  }

  async #untilQuiet(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#once();
    }
    this.#running = undefined;
  }

  async #once(): Promise<void> {
    try {
      await this.#send(await this.make());
    } catch (error) {
      this.#desk.log.debug({ err: error }, "cannot look at the node");
    }
  }

  async #send(report: Report): Promise<void> {
    const { bus, clock, log } = this.#desk;
    if (this.#sent) return;
    try {
      await bus.ask("report", report, deadlineIn(clock, answerMillis));
      this.#sent = report.sequence === this.#sequence;
    } catch (error) {
      // The next change, or the next round, tries again; the controller sees the gap in the heartbeats.
      log.debug({ err: error }, "cannot report");
    }
  }
}
