import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, defined, takeFlag, takeItems, takeNumber, takeText, takeWhole } from "../take.ts";
import { renderText } from "../text.ts";
import { compare, equal, isList, isMapping, LazyMap, Refusal, typeName, Undefined, type Value } from "../value.ts";
import { attributeReader, type Filters } from "./filter.ts";

const itself = (item: Value) => item;

/** How two items are compared: by an attribute, and without regard to case unless asked for. */
function keyOf(args: CallArguments, attribute: number, caseSensitive: number): (item: Value) => Value {
  const path = argument(args, attribute, "attribute");
  const read = path === undefined ? itself : attributeReader(path);
  const exact = takeFlag(argument(args, caseSensitive, "case_sensitive"), false);
  return (item) => {
    const key = defined(read(item));
    return typeof key === "string" && !exact ? key.toLowerCase() : key;
  };
}

/** A set by content: fast for text and numbers, item by item for the rest. */
class Seen {
  readonly #plain = new Set<Value>();
  readonly #rest: Value[] = [];
  readonly #evaluation: Evaluation;

  constructor(evaluation: Evaluation, items: readonly Value[] = []) {
    this.#evaluation = evaluation;
    for (const item of items) this.add(item);
  }

  has(item: Value): boolean {
    const plain = typeof item === "boolean" ? Number(item) : item;
    if (typeof plain !== "object" || plain === null) return this.#plain.has(plain);
    this.#evaluation.budget.spend(this.#rest.length);
    return this.#rest.some((other) => equal(other, item));
  }

  add(item: Value): void {
    const plain = typeof item === "boolean" ? Number(item) : item;
    if (typeof plain !== "object" || plain === null) this.#plain.add(plain);
    else this.#rest.push(item);
  }
}

function unique(items: readonly Value[], evaluation: Evaluation, key = itself): Value[] {
  const seen = new Seen(evaluation);
  return items.filter((item) => {
    const value = defined(key(item));
    if (seen.has(value)) return false;
    seen.add(value);
    return true;
  });
}

function sets(keeps: (inFirst: Value[], second: readonly Value[], evaluation: Evaluation) => Value[]) {
  return (value: Value, args: CallArguments, evaluation: Evaluation): Value => {
    const second = takeItems(argument(args, 0, "other"), "the other list", evaluation);
    return keeps([...takeItems(value, "the first list", evaluation)], second, evaluation);
  };
}

function sorted(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const key = keyOf(args, 2, 1);
  const items = takeItems(value, "what is sorted", evaluation).map((item) => ({ item, key: key(item) }));
  evaluation.budget.spend(items.length * Math.ceil(Math.log2(items.length + 1)));
  const sign = takeFlag(argument(args, 0, "reverse"), false) ? -1 : 1;
  return items.sort((a, b) => sign * compare(a.key, b.key)).map(({ item }) => item);
}

function extreme(name: string, sign: 1 | -1) {
  return (value: Value, args: CallArguments, evaluation: Evaluation): Value => {
    const key = keyOf(args, 1, 0);
    const items = takeItems(value, `what '${name}' looks at`, evaluation);
    if (items.length === 0) return new Undefined(`the list has no '${name}': it is empty`);
    return items.reduce((best, item) => (sign * compare(key(item), key(best)) > 0 ? item : best));
  };
}

function sum(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const path = argument(args, 0, "attribute");
  const read = path === undefined || path === null ? itself : attributeReader(path);
  const start = takeNumber(argument(args, 1, "start") ?? 0, "start");
  return takeItems(value, "what is summed up", evaluation).reduce<number>(
    (total, item) => total + takeNumber(read(item), "each item"),
    start,
  );
}

function flatten(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const levels = argument(args, 0, "levels");
  const skips = takeFlag(argument(args, 1, "skip_nulls"), true);
  const flat = (items: readonly Value[], depth: number): Value[] => {
    evaluation.budget.spend(items.length + 1);
    const kept = items.filter((item) => !(skips && item === null));
    return depth <= 0 ? [...kept] : kept.flatMap((item) => (isList(item) ? flat(item, depth - 1) : [item]));
  };
  const depth = levels === undefined || levels === null ? 100 : Math.min(100, takeWhole(levels, "levels"));
  return flat(takeItems(value, "what is flattened", evaluation), depth);
}

function join(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const path = argument(args, 1, "attribute");
  const read = path === undefined ? itself : attributeReader(path);
  const separator = takeText(argument(args, 0, "d") ?? "", "the separator");
  const parts = takeItems(value, "what is joined", evaluation).map((item) =>
    renderText(defined(read(item)), evaluation.budget),
  );
  evaluation.budget.spendText(parts.reduce((length, part) => length + part.length + separator.length, 0));
  return parts.join(separator);
}

function length(value: Value): number {
  if (typeof value === "string" || isList(value)) return value.length;
  if (value instanceof LazyMap) return [...value.keys()].length;
  if (isMapping(value)) return Object.keys(value).length;
  throw new Refusal(`${typeName(defined(value))} has no length`);
}

function zip(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const lists = [value, ...args.positional].map((list) => takeItems(list, "what is zipped", evaluation));
  const shortest = Math.min(...lists.map((list) => list.length));
  return Array.from({ length: shortest }, (_, index) => lists.map((list) => list[index] ?? null));
}

const lengthFilter = { takes: [], does: length };

/** Filters that work on a list as a whole. */
export const listFilters: Filters = {
  join: { takes: ["d", "attribute"], does: join },
  first: {
    takes: [],
    does: (value, _, evaluation) =>
      takeItems(value, "what 'first' looks at", evaluation)[0] ??
      new Undefined("the list has no first item: it is empty"),
  },
  last: {
    takes: [],
    does: (value, _, evaluation) =>
      takeItems(value, "what 'last' looks at", evaluation).at(-1) ??
      new Undefined("the list has no last item: it is empty"),
  },
  length: lengthFilter,
  count: lengthFilter,
  list: { takes: [], does: (value, _, evaluation) => takeItems(value, "what becomes a list", evaluation) },
  reverse: {
    takes: [],
    does: (value, _, evaluation) => {
      const items = takeItems(value, "what is reversed", evaluation).toReversed();
      return typeof value === "string" ? items.join("") : items;
    },
  },
  unique: {
    takes: ["case_sensitive", "attribute"],
    does: (value, args, evaluation) =>
      unique(takeItems(value, "what is made unique", evaluation), evaluation, keyOf(args, 1, 0)),
  },
  union: { takes: ["other"], does: sets((first, second, evaluation) => unique([...first, ...second], evaluation)) },
  intersect: {
    takes: ["other"],
    does: sets((first, second, evaluation) => {
      const others = new Seen(evaluation, second);
      return unique(first, evaluation).filter((item) => others.has(item));
    }),
  },
  difference: {
    takes: ["other"],
    does: sets((first, second, evaluation) => {
      const others = new Seen(evaluation, second);
      return unique(first, evaluation).filter((item) => !others.has(item));
    }),
  },
  sort: { takes: ["reverse", "case_sensitive", "attribute"], does: sorted },
  min: { takes: ["case_sensitive", "attribute"], does: extreme("min", -1) },
  max: { takes: ["case_sensitive", "attribute"], does: extreme("max", 1) },
  sum: { takes: ["attribute", "start"], does: sum },
  flatten: { takes: ["levels", "skip_nulls"], does: flatten },
  zip: { takes: undefined, does: zip },
};
