import type { ApiClient } from "../api/client.ts";
import { RunCreated } from "../api/messages.ts";
import type { RunEvent } from "../run/entry.ts";
import type { Context } from "./context.ts";

/** Takes what a run asks to the person at this terminal, and the answer back. */
export class Answers {
  readonly #context: Context;
  readonly #client: ApiClient;
  readonly #run: string;
  readonly #left = new AbortController();
  readonly #asking = new Map<string, AbortController>();

  constructor(context: Context, client: ApiClient, run: string) {
    this.#context = context;
    this.#client = client;
    this.#run = run;
  }

  /** Aborted where whoever was to answer has gone. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  take(event: RunEvent): void {
    if (event.is === "asks") this.#ask(event);
    // Somebody at another terminal may have been quicker.
    else if (event.is === "answered") this.#asking.get(event.question)?.abort();
    else if (event.is === "finished") this.end();
  }

  end(): void {
    for (const stop of this.#asking.values()) stop.abort();
    this.#asking.clear();
  }

  #ask({ question, text, hidden }: Extract<RunEvent, { is: "asks" }>): void {
    const { answer, say, stop } = this.#context;
    const how = `flashfleet attach ${this.#run} asks at a terminal, flashfleet cancel ${this.#run} ends the run`;
    if (answer === undefined) {
      say(`the run waits for an answer: ${text.trim()}\n  ${how}\n`);
      return;
    }
    const settled = new AbortController();
    this.#asking.set(question, settled);
    answer(text, { hidden: hidden === true, signal: AbortSignal.any([settled.signal, stop]) })
      .then(async (given) => {
        if (given !== undefined) return this.#send(question, given);
        say(`\nthe run still waits for an answer\n  ${how}\n`);
        this.#left.abort();
      })
      // It is settled, or the run shows what happened to it.
      .catch(() => undefined);
  }

  async #send(question: string, answer: string): Promise<void> {
    await this.#client.post(`/v1/runs/${this.#run}/answer`, { question, answer }, RunCreated);
  }
}
