import type { RunEntry } from "./entry.ts";
import type { RunJournal } from "./journal.ts";

interface Open {
  text: string;
  answer: Promise<string>;
  isAnswered: boolean;
  take(answer: string): void;
}

/**
 * What a run asks people. It stands still until somebody answers, whichever terminal that is at: the question is an entry of the
 * run, and outlives terminals and controllers.
 */
export class Questions {
  /** Somebody has had enough of steps. */
  isThrough = false;
  readonly #journal: RunJournal;
  readonly #signal: AbortSignal;
  readonly #open = new Map<string, Open>();
  readonly #asked = new Set<string>();
  readonly #answers = new Map<string, string>();

  /** `entries`: of this run, before its controller was started anew. The signal ends all waiting. */
  constructor(journal: RunJournal, entries: readonly RunEntry[], signal: AbortSignal) {
    this.#journal = journal;
    this.#signal = signal;
    for (const entry of entries) {
      if (entry.is === "asks") this.#asked.add(entry.question);
      if (entry.is !== "answered") continue;
      if (entry.answer === undefined) this.#asked.delete(entry.question);
      else this.#answers.set(entry.question, entry.answer);
    }
  }

  /** What it waits for now, if anything. */
  get open(): string | undefined {
    return [...this.#open.values()].find(({ isAnswered }) => !isAnswered)?.text;
  }

  /**
   * Resolves with the answer; one that was given before is not asked for again, however many ask the same. `hidden`: it is not
   * shown as it is typed, and not kept. Rejects with the signal's reason.
   */
  async ask(question: string, text: string, { hidden = false } = {}): Promise<string> {
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const open = this.#open.get(question) ?? this.#begin(question, text, hidden);
    const answer = await open.answer;
    this.#signal.throwIfAborted();
    return answer;
  }

  /** False where nobody asks that, or any more. */
  answer(question: string, answer: string): boolean {
    const open = this.#open.get(question);
    if (open === undefined || open.isAnswered) return false;
    open.isAnswered = true;
    open.take(answer);
    return true;
  }

  #begin(question: string, text: string, hidden: boolean): Open {
    let take: (answer: string) => void = () => undefined;
    const given = new Promise<string>((resolve, reject) => {
      take = resolve;
      const stop = () => reject(this.#signal.reason);
      if (this.#signal.aborted) stop();
      this.#signal.addEventListener("abort", stop, { once: true });
    });
    const answer = this.#keep(question, text, hidden, given);
    answer.catch(() => undefined);
    const open = { text, answer, isAnswered: false, take };
    this.#open.set(question, open);
    return open;
  }

  async #keep(question: string, text: string, hidden: boolean, given: Promise<string>): Promise<string> {
    given.catch(() => undefined);
    // Where the controller was started anew it stands in the run already.
    if (!this.#asked.has(question)) {
      this.#asked.add(question);
      await this.#journal.append({ is: "asks", question, text, ...(hidden ? { hidden: true } : {}) });
    }
    const answer = await given;
    if (!hidden) this.#answers.set(question, answer);
    this.#open.delete(question);
    await this.#journal.append({ is: "answered", question, ...(hidden ? {} : { answer }) });
    return answer;
  }
}
