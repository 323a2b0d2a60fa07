import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Drive, Target } from "./want.ts";

/** A target, as one round of allocation counts on it. */
export interface Shelf extends Target {
  /** Volumes that lie on it. */
  load: number;
  /** Its place in the order of names. */
  rank: number;
}

/** Drives and who has them, while an allocation is made. A drive that two targets see is one drive. */
export class Stock {
  readonly #shelves = new Map<NodeId, Shelf>();
  readonly #holders = new Map<string, string>();
  /** Drives that some target knows a reason against: in use on one of them is in use. */
  readonly #blocked = new Set<string>();

  constructor(targets: readonly Target[]) {
    const byName = targets.toSorted((a, b) => (a.node < b.node ? -1 : 1));
    for (const [rank, target] of byName.entries()) {
      this.#shelves.set(target.node, { ...target, load: 0, rank });
      for (const { id, obstacles } of target.drives) if (obstacles.length > 0) this.#blocked.add(id);
    }
  }

  shelf(node: NodeId): Shelf | undefined {
    return this.#shelves.get(node);
  }

  /** The volume that has the drive. */
  holderOf(id: string): string | undefined {
    return this.#holders.get(id);
  }

  isBlocked({ id }: Drive): boolean {
    return this.#blocked.has(id);
  }

  isFree({ id }: Drive): boolean {
    return !this.#blocked.has(id) && !this.#holders.has(id);
  }

  take(volume: string, id: string, targets: readonly NodeId[]): void {
    this.#holders.set(id, volume);
    for (const target of targets) this.#load(target, 1);
  }

  giveBack(id: string, targets: readonly NodeId[]): void {
    this.#holders.delete(id);
    for (const target of targets) this.#load(target, -1);
  }

  #load(node: NodeId, by: number): void {
    const shelf = this.#shelves.get(node);
    if (shelf !== undefined) shelf.load += by;
  }
}
