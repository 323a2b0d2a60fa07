import type { NodeId } from "../../shared/protocol/ids.ts";

/** Who wants nodes for itself, as others are told of it. */
export interface Claimant {
  title: string;
  /** `user@machine`, as the command said. */
  by: string | undefined;
  /** Since when it has or wants them: wall clock, Unix milliseconds. */
  at: number;
}

/** Somebody who has nodes that another one wants, or who came for them before. */
export interface Holder<C extends Claimant> {
  claimant: C;
  /** It has them; else it waits for them itself. */
  has: boolean;
  /** Those that both want. */
  nodes: NodeId[];
}

interface Place<C extends Claimant> {
  claimant: C;
  nodes: ReadonlySet<NodeId>;
  told: Holder<C>[];
  wake: () => void;
}

/**
 * Nodes that runs work on: one run at a time on each. Whoever waits stands in a line, in which nobody is overtaken by another
 * one that wants a node of his.
 */
export class HeldNodes<C extends Claimant> {
  readonly #holders = new Map<NodeId, C>();
  #line: Place<C>[] = [];

  /** Takes all of them; or none, and says who is in the way. */
  take(claimant: C, nodes: ReadonlySet<NodeId>): Holder<C>[] {
    const inTheWay = this.#inTheWay(nodes, this.#line);
    if (inTheWay.length === 0) for (const node of nodes) this.#holders.set(node, claimant);
    return inTheWay;
  }

  /**
   * Gives who is in the way, at first and whenever that changes, and ends when the claimant has all of them. Leaves the line with
   * an error where the signal is aborted.
   */
  async *wait(claimant: C, nodes: ReadonlySet<NodeId>, signal: AbortSignal): AsyncGenerator<Holder<C>[]> {
    signal.throwIfAborted();
    const first = this.take(claimant, nodes);
    if (first.length === 0) return;
    const place: Place<C> = { claimant, nodes, told: first, wake: () => undefined };
    this.#line.push(place);
    let isThrough = false;
    try {
      for (let told: Holder<C>[] = []; this.#line.includes(place); ) {
        if (place.told !== told) {
          told = place.told;
          yield told;
          continue;
        }
        await awoken(place, signal);
        signal.throwIfAborted();
      }
      isThrough = true;
    } finally {
      if (!isThrough) {
        this.#line = this.#line.filter((each) => each !== place);
        // It may have been its turn at that very moment.
        this.release(claimant);
      }
    }
  }

  /** Lets go of all that it has. */
  release(claimant: C): void {
    for (const [node, holder] of this.#holders) if (holder === claimant) this.#holders.delete(node);
    this.#moveUp();
  }

  /** In the order in which they came, whoever can go goes. */
  #moveUp(): void {
    const still: Place<C>[] = [];
    for (const place of this.#line) {
      const inTheWay = this.#inTheWay(place.nodes, still);
      if (inTheWay.length === 0) {
        for (const node of place.nodes) this.#holders.set(node, place.claimant);
        place.wake();
        continue;
      }
      still.push(place);
      if (isSame(inTheWay, place.told)) continue;
      place.told = inTheWay;
      place.wake();
    }
    this.#line = still;
  }

  #inTheWay(nodes: ReadonlySet<NodeId>, before: readonly Place<C>[]): Holder<C>[] {
    const found = new Map<C, Holder<C>>();
    const add = (claimant: C, has: boolean, node: NodeId) => {
      const known = found.get(claimant);
      if (known === undefined) found.set(claimant, { claimant, has, nodes: [node] });
      else known.nodes.push(node);
    };
    for (const node of nodes) {
      const holder = this.#holders.get(node);
      if (holder !== undefined) add(holder, true, node);
    }
    for (const place of before) {
      for (const node of place.nodes) if (nodes.has(node)) add(place.claimant, false, node);
    }
    return [...found.values()];
  }
}

function isSame<C extends Claimant>(some: readonly Holder<C>[], others: readonly Holder<C>[]): boolean {
  return (
    some.length === others.length &&
    some.every((each, index) => each.claimant === others[index]?.claimant && each.has === others[index]?.has)
  );
}

/** Until it is told something, or the signal is aborted. */
function awoken(place: { wake: () => void }, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener("abort", end);
      place.wake = () => undefined;
      resolve();
    };
    place.wake = end;
    signal.addEventListener("abort", end, { once: true });
  });
}
