import { FlashfleetError } from "../../shared/errors.ts";
import type { Handler, Play } from "../project/playbook.ts";
import type { Scope } from "../template/scope.ts";
import { didYouMean } from "../template/suggest.ts";

/** Which handlers of a play are due on which host. */
export class Notified {
  readonly #play: Play;
  readonly #scope: Scope;
  #known = 0;
  readonly #byName = new Map<string, Handler[]>();
  readonly #due = new Map<string, Set<Handler>>();

  /** `scope`: handlers' names may be templates of the play's variables. */
  constructor(play: Play, scope: Scope) {
    this.#play = play;
    this.#scope = scope;
  }

  /** A role that is included brings handlers of its own. */
  #learn(): void {
    const { handlers } = this.#play;
    if (handlers.length === this.#known) return;
    this.#known = handlers.length;
    this.#byName.clear();
    for (const handler of handlers) {
      const name = nameOf(handler, this.#scope);
      // Of two handlers with one name, the later counts.
      if (name !== undefined) this.#byName.set(name, [handler]);
      if (name !== undefined && handler.role !== undefined)
        this.#byName.set(`${handler.role.name} : ${name}`, [handler]);
    }
    for (const handler of handlers) {
      for (const topic of handler.listen)
        this.#byName.set(topic, [...new Set([...(this.#byName.get(topic) ?? []), handler])]);
    }
  }

  /** Throws `bad_playbook` where there is no handler of this name or topic. */
  notify(host: string, name: string): void {
    this.#learn();
    const handlers = this.#byName.get(name);
    if (handlers === undefined) {
      throw new FlashfleetError("bad_playbook", `cannot notify '${name}': the play has no such handler`, {
        hint: didYouMean(name, [...this.#byName.keys()]) ?? "give a handler this name, or let one listen to it",
        place: this.#play.place,
      });
    }
    const due = this.#due.get(host) ?? new Set();
    for (const handler of handlers) due.add(handler);
    this.#due.set(host, due);
  }

  /** Whether the handler is due on the host. */
  has(host: string, handler: Handler): boolean {
    return this.#due.get(host)?.has(handler) === true;
  }

  hasAny(host: string): boolean {
    return (this.#due.get(host)?.size ?? 0) > 0;
  }

  /** It runs now: it is due again only where something notifies it again. */
  take(host: string, handler: Handler): void {
    this.#due.get(host)?.delete(handler);
  }
}

function nameOf({ name }: Handler, scope: Scope): string | undefined {
  try {
    return name?.render(scope);
  } catch {
    // Of variables that hosts have: it is known as it was written.
    return name?.text;
  }
}
