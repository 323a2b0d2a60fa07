import type { Budget } from "../budget.ts";
import { entriesOf } from "../text.ts";
import { isList, isMapping, LazyMap, type Value } from "../value.ts";

/** A set by content, as Python compares: 1 is true, and mappings have no order. Each item costs once what it is large. */
export class Seen {
  readonly #plain = new Set<Value>();
  readonly #contents = new Set<string>();
  readonly #budget: Budget;

  constructor(budget: Budget, items: readonly Value[] = []) {
    this.#budget = budget;
    for (const item of items) this.add(item);
  }

  has(item: Value): boolean {
    const plain = plainOf(item);
    return plain === undefined ? this.#contents.has(contentOf(item, this.#budget)) : this.#plain.has(plain);
  }

  /** Whether it was not there before. */
  add(item: Value): boolean {
    const plain = plainOf(item);
    if (plain !== undefined) return this.#plain.size < this.#plain.add(plain).size;
    const content = contentOf(item, this.#budget);
    return this.#contents.size < this.#contents.add(content).size;
  }
}

/** What is compared as itself; undefined for lists and mappings. */
function plainOf(item: Value): Value | undefined {
  if (typeof item === "boolean") return Number(item);
  return isList(item) || isMapping(item) || item instanceof LazyMap ? undefined : item;
}

function contentOf(item: Value, budget: Budget): string {
  budget.spend();
  if (typeof item === "boolean") return String(Number(item));
  if (typeof item === "number" || item === null) return String(item);
  if (typeof item === "string") {
    budget.spendText(item.length);
    return JSON.stringify(item);
  }
  if (isList(item)) return `[${item.map((each) => contentOf(each, budget)).join()}]`;
  if (!isMapping(item) && !(item instanceof LazyMap)) return "?";
  const entries = entriesOf(item).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${contentOf(value, budget)}`).join()}}`;
}

/** The items without those that were there before, in their order. */
export function uniqueItems(
  items: readonly Value[],
  budget: Budget,
  key: (item: Value) => Value = (item) => item,
): Value[] {
  const seen = new Seen(budget);
  return items.filter((item) => seen.add(key(item)));
}
