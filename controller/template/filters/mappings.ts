import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, defined, takeFlag, takeItems, takeMapping, takeText } from "../take.ts";
import { entriesOf } from "../text.ts";
import { isList, isMapping, type Mapping, own, Refusal, typeName, type Value } from "../value.ts";
import { attributeReader, type Filters } from "./filter.ts";

const mergeLists: Readonly<Record<string, (old: readonly Value[], young: readonly Value[]) => readonly Value[]>> = {
  replace: (_, young) => young,
  keep: (old) => old,
  append: (old, young) => [...old, ...young],
  prepend: (old, young) => [...young, ...old],
};

/** Entries of the second over those of the first; below one another too when it goes deep. */
function merge(first: Mapping, second: Mapping, deep: boolean, lists: string, evaluation: Evaluation): Mapping {
  const merged = new Map(Object.entries(first));
  for (const [key, young] of Object.entries(second)) {
    evaluation.budget.spend();
    const old = own(first, key);
    if (deep && old !== undefined && isMapping(old) && isMapping(young))
      merged.set(key, merge(old, young, deep, lists, evaluation));
    else if (old !== undefined && isList(old) && isList(young))
      merged.set(key, mergeLists[lists]?.(old, young) ?? young);
    else merged.set(key, young);
  }
  return Object.fromEntries(merged);
}

function combine(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const deep = takeFlag(argument(args, Infinity, "recursive"), false);
  const lists = takeText(argument(args, Infinity, "list_merge") ?? "replace", "list_merge");
  if (!Object.hasOwn(mergeLists, lists))
    throw new Refusal(`list_merge is one of ${Object.keys(mergeLists).join(", ")}, got '${lists}'`);
  for (const name of Object.keys(args.named))
    if (name !== "recursive" && name !== "list_merge") throw new Refusal(`'combine' has no argument '${name}'`);
  const others = args.positional.flatMap((other) => (isList(other) ? other : [other]));
  return [defined(value), ...others]
    .map((each) => takeMapping(each, "each part of 'combine'"))
    .reduce((first, second) => merge(first, second, deep, lists, evaluation));
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
  const key = attributeReader(argument(args, 0, "key_name") ?? "key");
  const name = attributeReader(argument(args, 1, "value_name") ?? "value");
  const items = takeItems(value, "what 'items2dict' puts together", evaluation);
  return Object.fromEntries(items.map((item) => [takeText(key(item), "each key"), defined(name(item))]));
}

export const mappingFilters: Filters = {
  combine: { takes: undefined, does: combine },
  dict2items: { takes: ["key_name", "value_name"], does: dict2items },
  items2dict: { takes: ["key_name", "value_name"], does: items2dict },
  items: {
    takes: [],
    does: (value) => {
      if (isList(defined(value))) throw new Refusal(`'items' needs a mapping, got ${typeName(value)}`);
      return entriesOf(takeMapping(value, "what 'items' takes apart"));
    },
  },
};
