import type { CallId } from "../../shared/protocol/ids.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import type { Cell, JournalEntry } from "../store/store.ts";
import { Replies } from "./replies.ts";

/** Finished orders to remember: more than a controller can have in flight to one node. */
const remembered = 500;
/** Characters of a result that are kept on disk: the file is written anew with each order that changes something. */
const keptResult = 16_384;

interface Known {
  digest: string;
  replies: Replies;
}

/** What became of every order by its id. Orders with effect are on disk before they begin, and again when they are done. */
export class Journal {
  readonly #cell: Cell<readonly JournalEntry[]>;
  readonly #bootId: string;
  readonly #known = new Map<CallId, Known>();
  /** Begun by a process that did not finish them. */
  readonly #cutOff = new Map<CallId, Pick<JournalEntry, "digest" | "bootId">>();

  /** `bootId`: of the boot that this process runs in. */
  constructor(cell: Cell<readonly JournalEntry[]>, bootId: string) {
    this.#cell = cell;
    this.#bootId = bootId;
    for (const { id, digest, bootId: begunIn, done } of cell.get()) {
      if (done === undefined) this.#cutOff.set(id, { digest, bootId: begunIn });
      else this.#remember(id, digest).add(done);
    }
  }

  find(id: CallId): Known | undefined {
    return this.#known.get(id);
  }

  /** The digest of an order that was begun before this process started and never finished. */
  cutOff(id: CallId): string | undefined {
    return this.#cutOff.get(id)?.digest;
  }

  /** Whether the machine has been booted since such an order began. One of which that is not known counts as such. */
  isFromEarlierBoot(id: CallId): boolean {
    const begun = this.#cutOff.get(id);
    return begun !== undefined && begun.bootId !== this.#bootId;
  }

  begin(id: CallId, digest: string): Replies {
    return this.#remember(id, digest);
  }

  /** Resolves when it is on disk that the order has begun to change things. */
  effect(id: CallId, digest: string): Promise<void> {
    return this.#write({ id, digest, bootId: this.#bootId });
  }

  /** Resolves when the answer is on disk. */
  finish(id: CallId, digest: string, done: Done): Promise<void> {
    this.#cutOff.delete(id);
    const long = JSON.stringify(done.result).length > keptResult;
    const result = { msg: "the result was too long to be remembered over a restart of the agent" };
    return this.#write({ id, digest, done: long ? { ...done, result } : done });
  }

  #remember(id: CallId, digest: string): Replies {
    const replies = new Replies();
    this.#known.set(id, { digest, replies });
    if (this.#known.size > remembered) this.#forgetOldest();
    return replies;
  }

  /** One that is still under way is not forgotten: sent again, it would begin a second time. */
  #forgetOldest(): void {
    for (const [id, { replies }] of this.#known) {
      if (!replies.isDone) continue;
      this.#known.delete(id);
      return;
    }
  }

  #write(entry: JournalEntry): Promise<void> {
    const others = this.#cell.get().filter(({ id }) => id !== entry.id);
    return this.#cell.set([...others, entry].slice(-remembered));
  }
}
