import type { CallId } from "../../shared/protocol/ids.ts";
import type { Done } from "../../shared/protocol/reply.ts";
import type { Cell, JournalEntry } from "../store/store.ts";
import { Replies } from "./replies.ts";

/** Finished orders to remember: more than a controller can have in flight to one node. */
const remembered = 500;

interface Known {
  digest: string;
  replies: Replies;
}

/** What became of every order by its id. Orders with effect are on disk before they begin, and again when they are done. */
export class Journal {
  readonly #cell: Cell<readonly JournalEntry[]>;
  readonly #known = new Map<CallId, Known>();
  /** Begun by a process that did not finish them. */
  readonly #cutOff = new Map<CallId, string>();

  constructor(cell: Cell<readonly JournalEntry[]>) {
    this.#cell = cell;
    for (const { id, digest, done } of cell.get()) {
      if (done === undefined) this.#cutOff.set(id, digest);
      else this.#remember(id, digest).add(done);
    }
  }

  find(id: CallId): Known | undefined {
    return this.#known.get(id);
  }

  /** The digest of an order that was begun before this process started and never finished. */
  cutOff(id: CallId): string | undefined {
    return this.#cutOff.get(id);
  }

  begin(id: CallId, digest: string): Replies {
    return this.#remember(id, digest);
  }

  /** Resolves when it is on disk that the order has begun to change things. */
  effect(id: CallId, digest: string): Promise<void> {
    return this.#write({ id, digest });
  }

  /** Resolves when the answer is on disk. */
  finish(id: CallId, digest: string, done: Done): Promise<void> {
    this.#cutOff.delete(id);
    return this.#write({ id, digest, done });
  }

  #remember(id: CallId, digest: string): Replies {
    const replies = new Replies();
    this.#known.set(id, { digest, replies });
    const [oldest] = this.#known.keys();
    if (this.#known.size > remembered && oldest !== undefined) this.#known.delete(oldest);
    return replies;
  }

  #write(entry: JournalEntry): Promise<void> {
    const others = this.#cell.get().filter(({ id }) => id !== entry.id);
    return this.#cell.set([...others, entry].slice(-remembered));
  }
}
