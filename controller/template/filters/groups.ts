import type { CallArguments, Evaluation } from "../evaluation.ts";
import { Group } from "../group.ts";
import { argument, defined, takeFlag, takeItems, takeMapping, takeText } from "../take.ts";
import { entriesOf } from "../text.ts";
import { equal, excerpt, isList, isMapping, LazyMap, own, Refusal, Undefined, type Value } from "../value.ts";
import { attributeReader, type Filters } from "./filter.ts";
import { withoutCase } from "./keys.ts";
import { sortBy } from "./lists.ts";

function groupBy(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const read = attributeReader(argument(args, 0, "attribute") ?? null);
  const otherwise = argument(args, 1, "default") ?? null;
  const exact = takeFlag(argument(args, 2, "case_sensitive"), false);
  const keyOf = (item: Value) => {
    const key = read(item);
    return defined(key instanceof Undefined && otherwise !== null ? otherwise : key);
  };
  const items = takeItems(value, "what is grouped", evaluation);
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sortBy(items, (each) => withoutCase(keyOf(each), exact), false, evaluation)) {
    const key = keyOf(item);
    const last = groups.at(-1);
    if (last !== undefined && equal(withoutCase(last.key, exact), withoutCase(key, exact))) last.items.push(item);
    else groups.push({ key, items: [item] });
  }
  return groups.map((group) => Group.of<Value>(group.key, group.items));
}

function items(value: Value, what: string, evaluation: Evaluation): readonly Value[] {
  return isMapping(value) || value instanceof LazyMap
    ? entriesOf(value).map(([, item]) => item)
    : takeItems(value, what, evaluation);
}

/** Mappings under the value that each has of one key. */
function rekey(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const key = takeText(argument(args, 0, "key"), "key");
  const duplicates = takeText(argument(args, 1, "duplicates") ?? "error", "duplicates");
  if (duplicates !== "error" && duplicates !== "overwrite")
    throw new Refusal(`duplicates is error or overwrite, got '${duplicates}'`);
  return keyed(items(defined(value), "what 'rekey_on_member' works on", evaluation), key, duplicates === "overwrite");
}

function keyed(mappings: readonly Value[], key: string, overwrites: boolean): Value {
  const found = new Map<string, Value>();
  for (const item of mappings) {
    const member = own(takeMapping(item, "each item"), key);
    if (member === undefined) throw new Refusal(`an item has no '${key}'`);
    const name = takeText(member, `each '${key}'`);
    if (found.has(name) && !overwrites)
      throw new Refusal(
        `${excerpt(name)} is there twice as '${key}'`,
        "rekey_on_member(…, duplicates='overwrite') takes the last",
      );
    found.set(name, item);
  }
  return Object.fromEntries(found);
}

/** Each item with each entry of a list within it. */
function subelements(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const given = argument(args, 0, "subelements");
  const path =
    given !== undefined && isList(given)
      ? given.map((each) => takeText(each, "each key"))
      : takeText(given, "subelements").split(".");
  const skips = takeFlag(argument(args, 1, "skip_missing"), false);
  return items(defined(value), "what 'subelements' works on", evaluation).flatMap((item) => {
    let found: Value | undefined = item;
    for (const key of path) {
      if (found === undefined) break;
      if (!isMapping(found)) throw new Refusal(`'${key}' is looked for in what is no mapping`);
      found = own(found, key);
      if (found === undefined && !skips)
        throw new Refusal(`an item has no '${key}'`, `'subelements' passes over it with skip_missing=true`);
    }
    if (found === undefined) return [];
    if (!isList(found)) throw new Refusal(`'${path.join(".")}' of an item is no list`);
    evaluation.budget.spend(found.length);
    return found.map((each) => [item, each]);
  });
}

function counter(value: Value, evaluation: Evaluation): Value {
  const counts = new Map<string, number>();
  for (const item of takeItems(value, "what is counted", evaluation)) {
    const key = takeText(item, "each item");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** Filters that group items, or take them apart. */
export const groupFilters: Filters = {
  groupby: { takes: ["attribute", "default", "case_sensitive"], does: groupBy },
  groupby_as_dict: {
    takes: ["attribute"],
    does: (value, args, evaluation) =>
      keyed(
        takeItems(value, "what is grouped", evaluation),
        takeText(argument(args, 0, "attribute"), "attribute"),
        false,
      ),
  },
  rekey_on_member: { takes: ["key", "duplicates"], does: rekey },
  subelements: { takes: ["subelements", "skip_missing"], does: subelements },
  counter: { takes: [], does: (value, _, evaluation) => counter(value, evaluation) },
};
