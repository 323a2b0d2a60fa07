import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, takeItems, takeWhole } from "../take.ts";
import { own, Refusal, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

function lists(value: Value, args: CallArguments, what: string, evaluation: Evaluation): (readonly Value[])[] {
  return [value, ...args.positional].map((list) => takeItems(list, what, evaluation));
}

function onlyNamed(name: string, { named }: CallArguments, known: readonly string[]): void {
  const wrong = Object.keys(named).find((each) => !known.includes(each));
  if (wrong !== undefined) throw new Refusal(`'${name}' has no argument '${wrong}'`);
}

function zip(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  onlyNamed("zip", args, ["strict"]);
  const zipped = lists(value, args, "what is zipped", evaluation);
  const shortest = Math.min(...zipped.map((list) => list.length));
  if (own(args.named, "strict") === true && zipped.some((list) => list.length > shortest))
    throw new Refusal("the lists that are zipped have different lengths");
  return rows(zipped, shortest, null, evaluation);
}

function zipLongest(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  onlyNamed("zip_longest", args, ["fillvalue"]);
  const zipped = lists(value, args, "what is zipped", evaluation);
  const longest = Math.max(...zipped.map((list) => list.length));
  return rows(zipped, longest, argument(args, Infinity, "fillvalue") ?? null, evaluation);
}

function rows(zipped: readonly (readonly Value[])[], count: number, fill: Value, { budget }: Evaluation): Value {
  budget.spend(zipped.length * count);
  return Array.from({ length: count }, (_, index) => zipped.map((list) => list[index] ?? fill));
}

function product(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  onlyNamed("product", args, ["repeat"]);
  const repeat = takeWhole(argument(args, Infinity, "repeat") ?? 1, "repeat");
  if (repeat < 0 || repeat > 1000) throw new Refusal("'product' repeats 0 to 1000 times");
  const once = lists(value, args, "what is multiplied", evaluation);
  const factors = Array.from({ length: repeat }, () => once).flat();
  evaluation.budget.spend(factors.reduce((count, list) => count * list.length, factors.length + 1));
  let found: Value[][] = [[]];
  for (const list of factors) found = found.flatMap((row) => list.map((item) => [...row, item]));
  return found;
}

/** Every choice of `count` items, in the order of their places; `again` whether their order makes another one. */
function choices(items: readonly Value[], count: number, ordered: boolean, { budget }: Evaluation): Value[] {
  const found: Value[] = [];
  const chosen: number[] = [];
  const taken = new Set<number>();
  const choose = (from: number) => {
    budget.spend(1 + items.length - from);
    if (chosen.length === count) {
      budget.spend(count);
      found.push(chosen.map((index) => items[index] ?? null));
      return;
    }
    for (let index = from; index < items.length; index++) {
      if (ordered && taken.has(index)) continue;
      chosen.push(index);
      taken.add(index);
      choose(ordered ? 0 : index + 1);
      chosen.pop();
      taken.delete(index);
    }
  };
  if (count <= items.length) choose(0);
  return found;
}

function chooses(name: string, ordered: boolean) {
  return {
    takes: ["r"],
    does: (value: Value, args: CallArguments, evaluation: Evaluation): Value => {
      const items = takeItems(value, `what '${name}' chooses from`, evaluation);
      const given = argument(args, 0, "r");
      if (given === undefined && !ordered) throw new Refusal("'combinations' needs how many: combinations(2)");
      const count = given === undefined || given === null ? items.length : takeWhole(given, "r");
      if (count < 0 || count > 1000) throw new Refusal(`'${name}' chooses 0 to 1000 items`);
      return choices(items, count, ordered, evaluation);
    },
  };
}

/** Filters that put the items of several lists together. */
export const combinatoricFilters: Filters = {
  zip: { takes: undefined, does: zip },
  zip_longest: { takes: undefined, does: zipLongest },
  product: { takes: undefined, does: product },
  permutations: chooses("permutations", true),
  combinations: chooses("combinations", false),
};
