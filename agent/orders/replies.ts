import type { Reply } from "../../shared/protocol/reply.ts";

/** The replies to one order: whoever asks again, in the middle or afterwards, gets all of them from the start. */
export class Replies {
  readonly #replies: Reply[] = [];
  #wake: (() => void)[] = [];

  add(reply: Reply): void {
    this.#replies.push(reply);
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }

  /** Ends with `done`. */
  async *read(): AsyncGenerator<Reply> {
    for (let index = 0; ; index++) {
      while (index >= this.#replies.length) {
        await new Promise<void>((resolve) => {
          this.#wake.push(resolve);
        });
      }
      const reply = this.#replies[index];
      if (reply === undefined) continue;
      yield reply;
      if (reply.is === "done") return;
    }
  }
}
