import { itemAt } from "../access.ts";
import type { CallArguments, Evaluation } from "../evaluation.ts";
import { defined, takeText, takeWhole } from "../take.ts";
import { pythonText } from "../text.ts";
import { Undefined, type Value } from "../value.ts";

/** What `value | name(…)` does. */
export interface Filter {
  /** The names of its arguments in their order; undefined where it takes any. */
  takes: readonly string[] | undefined;
  does(value: Value, args: CallArguments, evaluation: Evaluation): Value;
}

export type Filters = Readonly<Record<string, Filter>>;

/** A reader of `attribute='a.b.0'`: the value that lies there in an item; undefined where there is none. */
export function attributeReader(path: Value): (item: Value) => Value {
  const parts = typeof path === "number" ? [path] : takeText(path, "attribute").split(".");
  const keys = parts.map((part) => (/^\d+$/.test(String(part)) ? takeWhole(Number(part), "attribute") : part));
  return (item) => keys.reduce<Value>((value, key) => (value instanceof Undefined ? value : itemAt(value, key)), item);
}

/** A filter from text to a value; numbers and the like are written as text first, as Python's `str` does. */
export function onText(
  takes: readonly string[],
  does: (text: string, args: CallArguments, evaluation: Evaluation) => Value,
): Filter {
  return {
    takes,
    does: (value, args, evaluation) => {
      const text = pythonText(defined(value), evaluation.budget);
      evaluation.budget.spendText(text.length);
      return does(text, args, evaluation);
    },
  };
}
