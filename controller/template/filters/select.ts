import { itemAt } from "../access.ts";
import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, defined, takeItems, takeText } from "../take.ts";
import { isList, isTrue, Refusal, Undefined, type Value } from "../value.ts";
import { attributeReader, type Filters } from "./filter.ts";

/** The arguments behind the first `count`. */
function behind({ positional, named }: CallArguments, count: number): CallArguments {
  return { positional: positional.slice(count), named };
}

function map(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const items = takeItems(value, "what 'map' works on", evaluation);
  if (args.positional.length > 0) {
    const name = takeText(argument(args, 0, ""), "the filter's name");
    const rest = behind(args, 1);
    return items.map((item) => evaluation.filter(name, item, rest));
  }
  const path = argument(args, Infinity, "attribute");
  if (path === undefined) throw new Refusal("'map' needs a filter's name or attribute=");
  const wrong = Object.keys(args.named).find((name) => name !== "attribute" && name !== "default");
  if (wrong !== undefined) throw new Refusal(`'map' with attribute= has no argument '${wrong}'`, "it has default");
  const otherwise = argument(args, Infinity, "default") ?? null;
  const read = attributeReader(path);
  return items.map((item) => {
    const found = read(item);
    return found instanceof Undefined && otherwise !== null ? otherwise : found;
  });
}

/** The items that pass, or fail, a test; without one, their truth counts. */
function selects(wanted: boolean) {
  return (value: Value, args: CallArguments, evaluation: Evaluation): Value => {
    const passes = tester(args, 0, evaluation);
    return takeItems(value, "what it selects from", evaluation).filter((item) => passes(item) === wanted);
  };
}

function selectsByAttribute(wanted: boolean) {
  return (value: Value, args: CallArguments, evaluation: Evaluation): Value => {
    const path = argument(args, 0, "attribute");
    if (path === undefined) throw new Refusal("the attribute to test is missing");
    const read = attributeReader(path);
    const passes = tester(args, 1, evaluation);
    return takeItems(value, "what it selects from", evaluation).filter((item) => passes(read(item)) === wanted);
  };
}

function tester(args: CallArguments, position: number, evaluation: Evaluation): (value: Value) => boolean {
  const name = args.positional[position];
  if (name === undefined) return isTrue;
  const text = takeText(name, "the test's name");
  const rest = behind(args, position + 1);
  return (value) => evaluation.test(text, value, rest);
}

/** `key | extract(container, [more, keys])`: the entry of that key. */
function extract(value: Value, args: CallArguments): Value {
  const container = argument(args, 0, "container");
  if (container === undefined) throw new Refusal("'extract' needs what to take from");
  const more = argument(args, 1, "morekeys");
  const keys = more === undefined || more === null ? [] : isList(more) ? more : [more];
  return [defined(value), ...keys].reduce<Value>((found, key) => itemAt(found, key), container);
}

/** Filters that take others, or tests, and put them to every item. */
export const selectFilters: Filters = {
  map: { takes: undefined, does: map },
  select: { takes: undefined, does: selects(true) },
  reject: { takes: undefined, does: selects(false) },
  selectattr: { takes: undefined, does: selectsByAttribute(true) },
  rejectattr: { takes: undefined, does: selectsByAttribute(false) },
  extract: { takes: ["container", "morekeys"], does: extract },
};
