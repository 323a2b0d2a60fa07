import type { NodeId } from "../../shared/protocol/ids.ts";
import { Heap } from "./heap.ts";
import type { Shelf, Stock } from "./stock.ts";
import type { Drive } from "./want.ts";

/** Drives of one size on one target. */
interface Place {
  shelf: Shelf;
  drives: readonly Drive[];
}

interface Queued extends Place {
  /** The shelf's load when it was put into the heap. */
  load: number;
}

interface SizeClass {
  size: number;
  /** What the targets' variable says, and the places there, those with the least load first. */
  byValue: Map<string, Heap<Queued>>;
  places: Place[];
}

export interface Pick {
  shelf: Shelf;
  drive: Drive;
}

/** Which targets a pick may not be on. */
export interface Barred {
  node: NodeId | undefined;
  /** Values of the variable. */
  values: ReadonlySet<string>;
}

const isFirst = (a: Queued, b: Queued) => (a.load === b.load ? a.shelf.rank < b.shelf.rank : a.load < b.load);

/** The drives of some targets by size, ready to give the smallest that is free. Targets without the variable are left out. */
export class Shelves {
  readonly #stock: Stock;
  readonly #classes: readonly SizeClass[];
  /** Of each class the first one from it on that may have something. */
  readonly #next: number[];

  constructor(stock: Stock, targets: readonly NodeId[], variable: string | undefined) {
    this.#stock = stock;
    const classes = new Map<number, SizeClass>();
    for (const node of targets) {
      const shelf = stock.shelf(node);
      const value = variable === undefined ? "" : shelf?.variables[variable];
      if (shelf === undefined || value === undefined) continue;
      for (const [size, drives] of bySize(shelf.drives)) {
        const found = classes.get(size) ?? { size, byValue: new Map<string, Heap<Queued>>(), places: [] };
        classes.set(size, found);
        const heap = found.byValue.get(value) ?? new Heap(isFirst);
        found.byValue.set(value, heap);
        const place = { shelf, drives };
        found.places.push(place);
        heap.push({ ...place, load: shelf.load });
      }
    }
    this.#classes = [...classes.values()].sort((a, b) => a.size - b.size);
    this.#next = [...this.#classes.keys(), this.#classes.length];
  }

  /** The smallest free drive of at least so many bytes; of several the one whose target has the fewest volumes. */
  pick(size: number, barred: Barred): Pick | undefined {
    for (let at = this.#from(this.#firstOf(size)); at < this.#classes.length; at = this.#from(at + 1)) {
      const found = this.#pickOf(at, barred);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Every drive of at least so many bytes, free or not, the smallest first. */
  *all(size: number): Generator<Pick> {
    for (let at = this.#firstOf(size); at < this.#classes.length; at++) {
      for (const { shelf, drives } of this.#classes[at]?.places ?? []) {
        for (const drive of drives) yield { shelf, drive };
      }
    }
  }

  #pickOf(at: number, barred: Barred): Pick | undefined {
    const byValue = this.#classes[at]?.byValue;
    if (byValue === undefined) return undefined;
    let best: Queued | undefined;
    for (const [value, heap] of byValue) {
      if (barred.values.has(value)) continue;
      const first = this.#first(heap, barred.node);
      if (first === undefined && heap.peek() === undefined) byValue.delete(value);
      else if (first !== undefined && (best === undefined || isFirst(first, best))) best = first;
    }
    // Nothing comes back in a round: a drive that is given up goes to who asked for it.
    if (byValue.size === 0) this.#next[at] = at + 1;
    const drive = best?.drives.find((each) => this.#stock.isFree(each));
    return best === undefined || drive === undefined ? undefined : { shelf: best.shelf, drive };
  }

  /** The place with the least load that has something free; loads that have changed since are put right on the way. */
  #first(heap: Heap<Queued>, except: NodeId | undefined): Queued | undefined {
    for (let top = heap.peek(); top !== undefined; top = heap.peek()) {
      if (!top.drives.some((drive) => this.#stock.isFree(drive))) heap.pop();
      else if (top.load !== top.shelf.load) {
        heap.pop();
        heap.push({ ...top, load: top.shelf.load });
      } else if (top.shelf.node !== except) return top;
      else {
        heap.pop();
        const second = this.#first(heap, undefined);
        heap.push(top);
        return second;
      }
    }
    return undefined;
  }

  #firstOf(size: number): number {
    let [low, high] = [0, this.#classes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#classes[middle]?.size ?? 0) < size) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first class from here on that may have something, found again in fewer steps the next time. */
  #from(start: number): number {
    const next = this.#next;
    let end = start;
    for (let to = next[end]; to !== undefined && to !== end; to = next[end]) end = to;
    for (let at = start; at !== end; ) {
      const to = next[at] ?? end;
      next[at] = end;
      at = to;
    }
    return end;
  }
}

function bySize(drives: readonly Drive[]): Map<number, Drive[]> {
  const sizes = new Map<number, Drive[]>();
  for (const drive of drives) {
    const same = sizes.get(drive.size);
    if (same === undefined) sizes.set(drive.size, [drive]);
    else same.push(drive);
  }
  for (const same of sizes.values()) same.sort((a, b) => (a.id < b.id ? -1 : 1));
  return sizes;
}
