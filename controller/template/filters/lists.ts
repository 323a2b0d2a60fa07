import type { CallArguments, Evaluation } from "../evaluation.ts";
import { arithmetic } from "../operators.ts";
import { argument, defined, takeFlag, takeItems, takeWhole } from "../take.ts";
import { pythonText } from "../text.ts";
import { compare, equal, isList, isMapping, LazyMap, Refusal, typeName, Undefined, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";
import { attributeReader } from "./filter.ts";
import { keyReader, readerOf, withoutCase } from "./keys.ts";

/** The keys that a list is sorted by: `attribute='age,name'` names several. */
function sortKey(args: CallArguments): (item: Value) => Value {
  const path = argument(args, 2, "attribute");
  if (typeof path !== "string" || !path.includes(",")) return keyReader(args, 2, 1);
  const exact = takeFlag(argument(args, 1, "case_sensitive"), false);
  const readers = path.split(",").map((part) => attributeReader(part.trim()));
  return (item) => readers.map((read) => withoutCase(defined(read(item)), exact));
}

/** Items in the order of their keys; those with equal keys stay as they were. */
export function sortBy(
  items: readonly Value[],
  key: (item: Value) => Value,
  isReverse: boolean,
  { budget }: Evaluation,
): Value[] {
  budget.spend(items.length * Math.ceil(Math.log2(items.length + 1)));
  const sign = isReverse ? -1 : 1;
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (equal(a.key, b.key) ? 0 : sign * compare(a.key, b.key)))
    .map(({ item }) => item);
}

function extreme(name: string, sign: 1 | -1) {
  return (value: Value, args: CallArguments, evaluation: Evaluation): Value => {
    const key = keyReader(args, 1, 0);
    const items = takeItems(value, `what '${name}' looks at`, evaluation);
    if (items.length === 0) return new Undefined(`the list has no '${name}': it is empty`);
    return items.reduce((best, item) => (sign * compare(key(item), key(best)) > 0 ? item : best));
  };
}

/** Numbers added up; lists put together where it starts with one. */
function sum(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const read = readerOf(argument(args, 0, "attribute"));
  const start = argument(args, 1, "start") ?? 0;
  const items = takeItems(value, "what is summed up", evaluation).map((item) => defined(read(item)));
  if (typeof start === "string") throw new Refusal("'sum' adds numbers or lists", "texts are joined: | join");
  if (!isList(start)) return items.reduce((total, item) => arithmetic("+", total, item, evaluation), start);
  const whole = [...start];
  for (const item of items) {
    if (!isList(item)) throw new Refusal(`'sum' adds lists to a list, got ${typeName(item)}`);
    evaluation.budget.spend(item.length);
    for (const each of item) whole.push(each);
  }
  return whole;
}

function flatten(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const levels = argument(args, 0, "levels");
  const skips = takeFlag(argument(args, 1, "skip_nulls"), true);
  const isSkipped = (item: Value) => skips && (item === null || item === "None" || item === "null");
  const flat = (items: readonly Value[], depth: number): Value[] => {
    evaluation.budget.spend(items.length + 1);
    const kept = items.filter((item) => !isSkipped(item));
    return depth <= 0 ? [...kept] : kept.flatMap((item) => (isList(item) ? flat(item, depth - 1) : [item]));
  };
  const depth = levels === undefined || levels === null ? 100 : Math.min(100, takeWhole(levels, "levels"));
  return flat(takeItems(value, "what is flattened", evaluation), depth);
}

function join(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const read = readerOf(argument(args, 1, "attribute"));
  const separator = pythonText(argument(args, 0, "d") ?? "", evaluation.budget);
  const parts = takeItems(value, "what is joined", evaluation).map((item) =>
    pythonText(defined(read(item)), evaluation.budget),
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

/** So many lists of about the same length. */
function slices(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const items = takeItems(value, "what is sliced", evaluation);
  const count = takeWhole(argument(args, 0, "slices"), "slices");
  if (count < 1) throw new Refusal("'slice' makes at least one list");
  evaluation.budget.spend(count);
  const fill = argument(args, 1, "fill_with") ?? null;
  const [each, longer] = [Math.floor(items.length / count), items.length % count];
  return Array.from({ length: count }, (_, index) => {
    const start = index * each + Math.min(index, longer);
    const part = items.slice(start, start + each + (index < longer ? 1 : 0));
    return fill !== null && index >= longer ? [...part, fill] : part;
  });
}

/** Lists of so many items each. */
function batches(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const items = takeItems(value, "what is parted", evaluation);
  const count = takeWhole(argument(args, 0, "linecount"), "linecount");
  if (count < 1) throw new Refusal("'batch' makes lists of at least one item");
  const fill = argument(args, 1, "fill_with") ?? null;
  return Array.from({ length: Math.ceil(items.length / count) }, (_, index) => {
    const part = items.slice(index * count, (index + 1) * count);
    if (fill === null || part.length === count) return part;
    evaluation.budget.spend(count);
    return [...part, ...new Array<Value>(count - part.length).fill(fill)];
  });
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
  list: {
    takes: [],
    does: (value, _, evaluation) => evaluation.made.list([...takeItems(value, "what becomes a list", evaluation)]),
  },
  reverse: {
    takes: [],
    does: (value, _, evaluation) => {
      const items = takeItems(value, "what is reversed", evaluation).toReversed();
      return typeof value === "string" ? items.join("") : items;
    },
  },
  sort: {
    takes: ["reverse", "case_sensitive", "attribute"],
    does: (value, args, evaluation) =>
      sortBy(
        takeItems(value, "what is sorted", evaluation),
        sortKey(args),
        takeFlag(argument(args, 0, "reverse"), false),
        evaluation,
      ),
  },
  min: { takes: ["case_sensitive", "attribute"], does: extreme("min", -1) },
  max: { takes: ["case_sensitive", "attribute"], does: extreme("max", 1) },
  sum: { takes: ["attribute", "start"], does: sum },
  flatten: { takes: ["levels", "skip_nulls"], does: flatten },
  slice: { takes: ["slices", "fill_with"], does: slices },
  batch: { takes: ["linecount", "fill_with"], does: batches },
};
