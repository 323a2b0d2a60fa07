import type { Reply } from "../../shared/protocol/reply.ts";

/**
 * The replies to one order. Whoever asks again in the middle gets all of them from the start; afterwards, all but the
 * progress: live output may be long, and is kept no longer than it is live.
 */
export class Replies {
  #replies: Reply[] = [];
  #wake: (() => void)[] = [];

  get isDone(): boolean {
    return this.#replies.at(-1)?.is === "done";
  }

  add(reply: Reply): void {
    this.#replies.push(reply);
    if (reply.is === "done") this.#replies = this.#replies.filter(({ is }) => is !== "progress");
    const wake = this.#wake;
    this.#wake = [];
    for (const each of wake) each();
  }

  /** Ends with `done`. */
  async *read(): AsyncGenerator<Reply> {
    // The list of its time: readers of before the end keep what they have not read yet.
    const replies = this.#replies;
    for (let index = 0; ; index++) {
      while (index >= replies.length) {
        await new Promise<void>((resolve) => {
          this.#wake.push(resolve);
        });
      }
      const reply = replies[index];
      if (reply === undefined) continue;
      yield reply;
      if (reply.is === "done") return;
    }
  }
}
