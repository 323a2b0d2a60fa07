import type { Evaluation } from "./evaluation.ts";
import { defined, takeItems, takeText } from "./take.ts";
import { entriesOf } from "./text.ts";
import { isMapping, LazyMap, Refusal, type Value } from "./value.ts";

/** The entries of a mapping, or of a list of pairs, as Python's `dict` takes them. */
export function pairsOf(value: Value, evaluation: Evaluation): [string, Value][] {
  if (isMapping(value) || value instanceof LazyMap) {
    const entries = entriesOf(value);
    evaluation.budget.spend(entries.length);
    return entries;
  }
  return takeItems(value, "what becomes a mapping", evaluation).map((pair) => {
    const [key, item, ...more] = takeItems(pair, "each pair", evaluation);
    if (key === undefined || item === undefined || more.length > 0)
      throw new Refusal("a mapping is made of pairs: a key and a value", "zip makes them: dict(keys | zip(values))");
    return [takeText(key, "each key"), defined(item)];
  });
}
