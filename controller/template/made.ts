import type { Value } from "./value.ts";

/**
 * The lists and mappings that one template made itself while it is evaluated. They alone may be changed in place, as
 * `{% set _ = list.append(x) %}` does: variables are shared by tasks and hosts.
 */
export class Made {
  readonly #lists = new WeakMap<readonly Value[], Value[]>();
  readonly #mappings = new WeakMap<object, Record<string, Value>>();

  list(items: Value[]): Value[] {
    this.#lists.set(items, items);
    return items;
  }

  mapping(entries: Record<string, Value>): Record<string, Value> {
    this.#mappings.set(entries, entries);
    return entries;
  }

  /** The list itself where it may be changed. */
  changeableList(list: readonly Value[]): Value[] | undefined {
    return this.#lists.get(list);
  }

  /** The mapping itself where it may be changed. */
  changeableMapping(mapping: object): Record<string, Value> | undefined {
    return this.#mappings.get(mapping);
  }
}
