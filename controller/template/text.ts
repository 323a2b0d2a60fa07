import type { Budget } from "./budget.ts";
import { isList, type Json, LazyMap, Omit, Refusal, Undefined, type Value } from "./value.ts";

/** Nested lists and mappings of one value. */
const mostNesting = 200;

/**
 * A value as text in the midst of other text: as Ansible prints it, which is Python's way (`True`, `['a', 'b']`), but
 * nothing for null.
 */
export function renderText(value: Value, budget: Budget): string {
  const text = value === null ? "" : typeof value === "string" ? value : represent(value, budget, 0);
  budget.spendText(text.length);
  return text;
}

/** Python's `repr` of a value. */
function represent(value: Value, budget: Budget, depth: number): string {
  budget.spend();
  if (depth > mostNesting) throw new Refusal("the value is nested too deep");
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quote(value);
  if (value instanceof Undefined) throw value.refusal();
  if (value instanceof Omit) throw new Refusal("'omit' stands for a whole value, not for a part of a text");
  if (isList(value)) return `[${value.map((item) => represent(item, budget, depth + 1)).join(", ")}]`;
  const entries = entriesOf(value).map(([key, item]) => `${quote(key)}: ${represent(item, budget, depth + 1)}`);
  return `{${entries.join(", ")}}`;
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r");
  return `${mark}${mark === "'" ? escaped.replaceAll("'", "\\'") : escaped}${mark}`;
}

/** The entries of a mapping of either sort; a lazy one's values are worked out now. */
export function entriesOf(value: LazyMap | { readonly [key: string]: Value }): [string, Value][] {
  if (!(value instanceof LazyMap)) return Object.entries(value);
  return [...value.keys()].map((key) => [key, value.get(key) ?? null]);
}

/** A finished value as plain data: lazy mappings worked out, `omit` left out; undefined is refused. */
export function toJson(value: Value, budget: Budget, depth = 0): Json {
  budget.spend();
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (depth > mostNesting) throw new Refusal("the value is nested too deep");
  if (value instanceof Undefined) throw value.refusal();
  if (value instanceof Omit) throw new Refusal("'omit' can only stand for an argument or an item of a list");
  if (isList(value))
    return value.filter((item) => !(item instanceof Omit)).map((item) => toJson(item, budget, depth + 1));
  const kept = entriesOf(value).filter(([, item]) => !(item instanceof Omit));
  return Object.fromEntries(kept.map(([key, item]) => [key, toJson(item, budget, depth + 1)]));
}
