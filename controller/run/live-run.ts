import type { NodeId } from "../../shared/protocol/ids.ts";
import type { RunEvent } from "./entry.ts";
import type { RunJournal } from "./journal.ts";
import type { RunPlan } from "./plan.ts";

/** Lines of live output that somebody who begins to look on, or is slow, is still shown. */
const rememberedProgress = 2000;

/** A run that is driven now, and those who look on. */
export class LiveRun {
  readonly plan: RunPlan;
  /** When it began: wall clock, Unix milliseconds. */
  readonly at: number;
  /** Nobody else works on these. */
  readonly nodes: ReadonlySet<NodeId>;
  readonly stop = new AbortController();
  journal: RunJournal | undefined;
  /** Resolves when it is no longer driven. */
  done: Promise<void> = Promise.resolve();
  /** Everything so far; of old progress only the place, so that those who look on keep theirs. */
  readonly #events: (RunEvent | undefined)[] = [];
  /** Where in the events progress is. */
  readonly #progress: number[] = [];
  readonly #wake = new Set<() => void>();

  constructor(plan: RunPlan, at: number, nodes: ReadonlySet<NodeId>) {
    this.plan = plan;
    this.at = at;
    this.nodes = nodes;
  }

  tell(event: RunEvent): void {
    this.#events.push(event);
    if (event.is === "progress") this.#progress.push(this.#events.length - 1);
    if (this.#progress.length > 2 * rememberedProgress) {
      for (const index of this.#progress.splice(0, rememberedProgress)) this.#events[index] = undefined;
    }
    for (const wake of this.#wake) wake();
  }

  /** Everything from the beginning, live until the end or the signal. */
  async *follow(signal: AbortSignal): AsyncGenerator<RunEvent> {
    for (let index = 0; !signal.aborted; index++) {
      while (index >= this.#events.length) {
        const news = await this.#next(signal);
        if (!news) return;
      }
      const event = this.#events[index];
      if (event === undefined) continue;
      yield event;
      if (event.is === "finished") return;
    }
  }

  /** False when whoever looks on has gone. */
  #next(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (news: boolean) => {
        this.#wake.delete(wake);
        signal.removeEventListener("abort", gone);
        resolve(news);
      };
      const wake = () => end(true);
      const gone = () => end(false);
      this.#wake.add(wake);
      signal.addEventListener("abort", gone, { once: true });
    });
  }
}
