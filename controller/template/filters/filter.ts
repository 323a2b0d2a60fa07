import { itemAt } from "../access.ts";
import type { CallArguments, Evaluation } from "../evaluation.ts";
import { takeText, takeWhole } from "../take.ts";
import { Undefined, type Value } from "../value.ts";

/** What `value | name(…)` does. */
interface Filter {
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
