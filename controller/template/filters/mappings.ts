import type { CallArguments, Evaluation } from "../evaluation.ts";
import { pairsOf } from "../pairs.ts";
import { argument, defined, takeFlag, takeItems, takeMapping, takeText } from "../take.ts";
import { entriesOf } from "../text.ts";
import { isList, own, Refusal, typeName, Undefined, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";
import { withoutCase } from "./keys.ts";
import { sortBy } from "./lists.ts";
import { type Merging, merge, takeMerging } from "./merge.ts";

/** How far lists among the arguments are taken apart: `[a, b] | combine(c)` is three mappings. */
function parts(value: Value, args: CallArguments): Value[] {
  return [defined(value), ...args.positional]
    .flatMap((each) => (isList(each) ? each : [each]))
    .filter((each) => each !== null);
}

function combine(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const merging = takeMerging("combine", args);
  const [first, ...others] = parts(value, args).map((each) => takeMapping(each, "each part of 'combine'"));
  if (first === undefined) return {};
  const combined = others.reduce((low, high) => merge(low, high, merging, evaluation), first);
  return evaluation.made.mapping({ ...combined });
}

/** Lists of mappings put together: those that have the same value under a key become one. In the order of these values. */
function listsMergeBy(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const merging = takeMerging("lists_mergeby", args);
  const index = takeText(args.positional.at(-1), "the key that lists are merged by");
  const lists = [value, ...args.positional.slice(0, -1)].flatMap((list) => {
    const items = takeItems(list, "each list", evaluation);
    return items.length === 0 ? [] : items.every(isList) ? items.filter(isList) : [items];
  });
  const [only] = lists;
  if (only === undefined || lists.length === 1) return only ?? [];
  return lists.reduce((low, high) => mergedBy([low, high], index, merging, evaluation));
}

function mergedBy(
  lists: readonly (readonly Value[])[],
  index: string,
  merging: Merging,
  evaluation: Evaluation,
): Value[] {
  const found = new Map<Value, ReturnType<typeof takeMapping>>();
  for (const item of lists.flat()) {
    const mapping = takeMapping(item, "each item");
    const key = own(mapping, index);
    if (key === undefined) continue;
    const before = found.get(key);
    found.set(key, before === undefined ? mapping : merge(before, mapping, merging, evaluation));
  }
  return sortBy([...found.values()], (item) => own(takeMapping(item, "each item"), index) ?? null, false, evaluation);
}

function dict2items(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const key = takeText(argument(args, 0, "key_name") ?? "key", "key_name");
  const name = takeText(argument(args, 1, "value_name") ?? "value", "value_name");
  const entries = entriesOf(takeMapping(value, "what 'dict2items' takes apart"));
  evaluation.budget.spend(entries.length);
  return entries.map(([each, item]) =>
    Object.fromEntries([
      [key, each],
      [name, item],
    ]),
  );
}

function items2dict(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const key = takeText(argument(args, 0, "key_name") ?? "key", "key_name");
  const name = takeText(argument(args, 1, "value_name") ?? "value", "value_name");
  const part = (item: Value, of: string): Value => {
    const found = own(takeMapping(item, "each item of 'items2dict'"), of);
    if (found === undefined)
      throw new Refusal(`an item of 'items2dict' has no '${of}'`, "items2dict(key_name=…, value_name=…) names others");
    return defined(found);
  };
  const items = takeItems(value, "what 'items2dict' puts together", evaluation);
  return Object.fromEntries(items.map((item) => [takeText(part(item, key), "each key"), part(item, name)]));
}

function dictSort(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const by = takeText(argument(args, 1, "by") ?? "key", "by");
  if (by !== "key" && by !== "value") throw new Refusal(`'dictsort' sorts by key or value, not by '${by}'`);
  const exact = takeFlag(argument(args, 0, "case_sensitive"), false);
  const entries = entriesOf(takeMapping(value, "what 'dictsort' sorts"));
  const pairs: Value[] = entries.map(([key, item]) => [key, item]);
  const key = (pair: Value) => withoutCase(isList(pair) ? (pair[by === "key" ? 0 : 1] ?? null) : null, exact);
  return sortBy(pairs, key, takeFlag(argument(args, 2, "reverse"), false), evaluation);
}

/** Filters of mappings. */
export const mappingFilters: Filters = {
  combine: { takes: undefined, does: combine },
  lists_mergeby: { takes: undefined, does: listsMergeBy },
  dict2items: { takes: ["key_name", "value_name"], does: dict2items },
  items2dict: { takes: ["key_name", "value_name"], does: items2dict },
  dictsort: { takes: ["case_sensitive", "by", "reverse"], does: dictSort },
  dict: {
    takes: [],
    does: (value, _, evaluation) => evaluation.made.mapping(Object.fromEntries(pairsOf(value, evaluation))),
  },
  dict_kv: {
    takes: ["key"],
    does: (value, args) => Object.fromEntries([[takeText(argument(args, 0, "key"), "key"), defined(value)]]),
  },
  items: {
    takes: [],
    does: (value) => {
      if (value instanceof Undefined) return [];
      if (isList(value)) throw new Refusal(`'items' needs a mapping, got ${typeName(value)}`);
      return entriesOf(takeMapping(value, "what 'items' takes apart"));
    },
  },
};
