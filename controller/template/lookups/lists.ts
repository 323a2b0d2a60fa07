import type { Evaluator } from "../evaluation.ts";
import { defined, takeFlag, takeMapping, takeText } from "../take.ts";
import { entriesOf } from "../text.ts";
import { isList, isMapping, isTrue, LazyMap, type Mapping, own, Refusal, typeName, type Value } from "../value.ts";
import type { Lookups } from "./lookup.ts";

/** Lists among the terms become their items; lists within these stay. */
function flattenOnce(terms: readonly Value[], { budget }: Evaluator): Value[] {
  const items = terms.flatMap((term) => (isList(term) ? [...term] : [term]));
  budget.spend(items.length + 1);
  return items;
}

function flattenAll(terms: readonly Value[], evaluator: Evaluator, depth = 0): Value[] {
  if (depth > 100) throw new Refusal("the lists are nested more than 100 deep");
  evaluator.budget.spend(terms.length + 1);
  // Ansible leaves out what is nothing, and the text 'None'.
  return terms.flatMap((term) =>
    isList(term) ? flattenAll(term, evaluator, depth + 1) : term === null || term === "None" ? [] : [term],
  );
}

function listOf(term: Value): readonly Value[] {
  return isList(defined(term)) && isList(term) ? term : [term];
}

/** Every combination of one item of each list; the last list changes fastest. */
function nested(terms: readonly Value[], evaluator: Evaluator): Value[] {
  if (terms.length === 0) throw new Refusal("'nested' needs at least one list");
  const lists = terms.map(listOf);
  evaluator.budget.spend(lists.reduce((product, list) => product * list.length, lists.length));
  let rows: Value[][] = [[]];
  for (const list of lists) rows = rows.flatMap((row) => list.map((item) => [...row, item]));
  return rows.map((row) => flattenOnce(row, evaluator));
}

function together(terms: readonly Value[], evaluator: Evaluator): Value[] {
  if (terms.length === 0) throw new Refusal("'together' needs at least one list");
  const lists = terms.map(listOf);
  const longest = Math.max(...lists.map((list) => list.length));
  evaluator.budget.spend(longest * lists.length);
  return Array.from({ length: longest }, (_, index) =>
    flattenOnce(
      lists.map((list) => list[index] ?? null),
      evaluator,
    ),
  );
}

function pairs(terms: readonly Value[], { budget }: Evaluator): Value[] {
  return terms.flatMap((term) => {
    if (!isMapping(term) && !(term instanceof LazyMap))
      throw new Refusal(`'dict' needs a mapping, got ${typeName(defined(term))}`);
    const entries = entriesOf(term);
    budget.spend(entries.length);
    return entries.map(([key, value]) => ({ key, value }));
  });
}

/** The lookup's three terms, checked. */
function subelementTerms(terms: readonly Value[]) {
  const [whole = null, key, flags] = terms;
  if (terms.length < 2 || terms.length > 3)
    throw new Refusal("'subelements' takes a list, the key of the lists in it, and perhaps {'skip_missing': true}");
  const items = isMapping(defined(whole)) || whole instanceof LazyMap ? undefined : listOf(whole);
  const skips = flags === undefined ? {} : takeMapping(flags, "the flags of 'subelements'");
  return {
    items: items ?? (isSkipped(whole) ? [] : entriesOf(takeMapping(whole, "the list")).map(([, item]) => item)),
    keys: takeText(key, "the key of 'subelements'").split("."),
    skipsMissing: takeFlag(own(skips, "skip_missing"), false),
  };
}

/** A registered result of a task that was skipped. */
function isSkipped(item: Value): boolean {
  return isMapping(item) && isTrue(own(item, "skipped") ?? false);
}

/** The list at the end of the keys, and the item without it, as Ansible hands it on; undefined where it is missing and may be. */
function takeOut(item: Mapping, [key = "", ...more]: readonly string[], skipsMissing: boolean): TakenOut | undefined {
  const value = own(item, key);
  if (value === undefined) {
    if (skipsMissing) return undefined;
    throw new Refusal(`'subelements' finds no '${key}' in an item`, "give {'skip_missing': true} as the last argument");
  }
  if (more.length === 0) {
    const list = isList(value) ? value : undefined;
    if (list === undefined) throw new Refusal(`'${key}' of an item must be a list, got ${typeName(value)}`);
    return { list, rest: Object.fromEntries(Object.entries(item).filter(([name]) => name !== key)) };
  }
  if (!isMapping(value)) {
    if (skipsMissing) return undefined;
    throw new Refusal(`'${key}' of an item must be a mapping, got ${typeName(value)}`);
  }
  const inner = takeOut(value, more, skipsMissing);
  return inner === undefined ? undefined : { list: inner.list, rest: { ...item, [key]: inner.rest } };
}

interface TakenOut {
  list: readonly Value[];
  rest: Mapping;
}

function subelements(terms: readonly Value[], { budget }: Evaluator): Value[] {
  const { items, keys, skipsMissing } = subelementTerms(terms);
  return items.flatMap((item) => {
    const mapping = takeMapping(item, "each item of 'subelements'");
    if (isSkipped(mapping)) return [];
    const taken = takeOut(mapping, keys, skipsMissing);
    budget.spend((taken?.list.length ?? 0) + 1);
    return (taken?.list ?? []).map((each) => [taken?.rest ?? null, each]);
  });
}

/** Lookups that make lists of lists. */
export const listLookups: Lookups = {
  items: { takes: [], finds: (terms, _, evaluator) => flattenOnce(terms, evaluator) },
  list: { takes: [], finds: (terms) => terms },
  flattened: { takes: [], finds: (terms, _, evaluator) => flattenAll(terms, evaluator) },
  indexed_items: {
    takes: [],
    finds: (terms, _, evaluator) => flattenOnce(terms, evaluator).map((item, index) => [index, item]),
  },
  dict: { takes: [], finds: (terms, _, evaluator) => pairs(terms, evaluator) },
  nested: { takes: [], finds: (terms, _, evaluator) => nested(terms, evaluator) },
  cartesian: { takes: [], finds: (terms, _, evaluator) => nested(terms, evaluator) },
  together: { takes: [], finds: (terms, _, evaluator) => together(terms, evaluator) },
  subelements: { takes: [], finds: (terms, _, evaluator) => subelements(terms, evaluator) },
};
