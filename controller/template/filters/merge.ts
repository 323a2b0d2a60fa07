import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, takeFlag, takeText } from "../take.ts";
import { isList, isMapping, type Mapping, own, Refusal, type Value } from "../value.ts";
import { Seen } from "./seen.ts";

type MergeLists = (low: readonly Value[], high: readonly Value[], evaluation: Evaluation) => readonly Value[];

function without(list: readonly Value[], others: readonly Value[], { budget }: Evaluation): readonly Value[] {
  const seen = new Seen(budget, others);
  return list.filter((item) => !seen.has(item));
}

/** What becomes of two lists under one key, by the value of `list_merge`. */
const mergeLists: Readonly<Record<string, MergeLists>> = {
  replace: (_, high) => high,
  keep: (low) => low,
  append: (low, high) => [...low, ...high],
  prepend: (low, high) => [...high, ...low],
  append_rp: (low, high, evaluation) => [...without(low, high, evaluation), ...high],
  prepend_rp: (low, high, evaluation) => [...high, ...without(low, high, evaluation)],
};

export interface Merging {
  isRecursive: boolean;
  lists: MergeLists;
}

/** The named arguments of a filter that merges, the only ones it has. */
export function takeMerging(name: string, args: CallArguments): Merging {
  for (const each of Object.keys(args.named))
    if (each !== "recursive" && each !== "list_merge")
      throw new Refusal(`'${name}' has no argument '${each}'`, "it has recursive and list_merge");
  const wanted = takeText(argument(args, Infinity, "list_merge") ?? "replace", "list_merge");
  const lists = Object.hasOwn(mergeLists, wanted) ? mergeLists[wanted] : undefined;
  if (lists === undefined)
    throw new Refusal(`list_merge is one of ${Object.keys(mergeLists).join(", ")}, got '${wanted}'`);
  return { isRecursive: takeFlag(argument(args, Infinity, "recursive"), false), lists };
}

/** The entries of `high` over those of `low`. */
export function merge(low: Mapping, high: Mapping, merging: Merging, evaluation: Evaluation): Mapping {
  const merged = new Map(Object.entries(low));
  evaluation.budget.spend(merged.size);
  for (const [key, value] of Object.entries(high)) {
    evaluation.budget.spend();
    const before = own(low, key);
    if (before !== undefined && isMapping(before) && isMapping(value) && merging.isRecursive)
      merged.set(key, merge(before, value, merging, evaluation));
    else if (before !== undefined && isList(before) && isList(value)) {
      evaluation.budget.spend(before.length + value.length);
      merged.set(key, merging.lists(before, value, evaluation));
    } else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}
