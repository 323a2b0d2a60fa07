/** A binary heap: the least first. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isLess: (a: T, b: T) => boolean;

  constructor(isLess: (a: T, b: T) => boolean) {
    this.#isLess = isLess;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    for (;;) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (at === 0 || parent === undefined || !this.#isLess(item, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const [least] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return least;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [items[left], items[left + 1]];
      if (one === undefined) break;
      const [below, child] = other !== undefined && this.#isLess(other, one) ? [left + 1, other] : [left, one];
      if (!this.#isLess(child, last)) break;
      items[at] = child;
      at = below;
    }
    items[at] = last;
    return least;
  }
}
