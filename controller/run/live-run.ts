import type { Claim } from "./claim.ts";
import type { RunEvent } from "./entry.ts";
import type { RunJournal } from "./journal.ts";
import { withoutSealed } from "./kept-results.ts";
import type { RunPlan } from "./plan.ts";
import type { Questions } from "./questions.ts";

/** Lines of live output that somebody who begins to look on, or is slow, is still shown. */
const rememberedProgress = 2000;

/** An event as it goes to those who look on: as text it takes a fraction of its memory. */
interface Line {
  is: RunEvent["is"];
  question: string | undefined;
  /** JSON. */
  text: string;
}

function lineOf(event: RunEvent): Line {
  const question = event.is === "asks" || event.is === "answered" ? event.question : undefined;
  return { is: event.is, question, text: JSON.stringify(event) };
}

/** A run that is driven now, and those who look on. */
export class LiveRun {
  readonly plan: RunPlan;
  /** Its nodes. */
  readonly claim: Claim;
  readonly stop = new AbortController();
  journal: RunJournal | undefined;
  questions: Questions | undefined;
  /** Resolves when it is no longer driven. */
  done: Promise<void> = Promise.resolve();
  /** Everything so far; of old progress only the place, so that those who look on keep theirs. */
  readonly #lines: (Line | undefined)[] = [];
  /** Where among them progress is. */
  readonly #progress: number[] = [];
  readonly #answered = new Set<string>();
  readonly #wake = new Set<() => void>();

  constructor(plan: RunPlan, claim: Claim) {
    this.plan = plan;
    this.claim = claim;
  }

  tell(event: RunEvent): void {
    this.#lines.push(lineOf(withoutSealed(event)));
    if (event.is === "answered") this.#answered.add(event.question);
    if (event.is === "progress") this.#progress.push(this.#lines.length - 1);
    if (this.#progress.length > 2 * rememberedProgress) {
      for (const index of this.#progress.splice(0, rememberedProgress)) this.#lines[index] = undefined;
    }
    for (const wake of this.#wake) wake();
  }

  /**
   * Everything from the beginning, each event as JSON, live until the end or the signal; but no question that is answered by
   * then.
   */
  async *follow(signal: AbortSignal): AsyncGenerator<string> {
    const passed = new Set<string>();
    for (let index = 0; !signal.aborted; index++) {
      while (index >= this.#lines.length) {
        const news = await this.#next(signal);
        if (!news) return;
      }
      const line = this.#lines[index];
      if (line === undefined) continue;
      const { is, question, text } = line;
      if (question !== undefined && is === "asks" && this.#answered.has(question)) passed.add(question);
      if (question !== undefined && passed.has(question)) continue;
      yield text;
      if (is === "finished") return;
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
