import type { Budget } from "./budget.ts";
import { compareTexts } from "./code-points.ts";
import { entriesOf, represent } from "./text.ts";
import { isList, isMapping, LazyMap, type Value } from "./value.ts";

/** A value as Python's `pprint` lays it out in 80 columns, but that texts are never broken. Mappings by their keys. */
export function prettyText(value: Value, budget: Budget): string {
  return laid(value, 0, 0, budget);
}

/** `indent`: the column where the value begins; `allowance`: what comes behind it on its line. */
function laid(value: Value, indent: number, allowance: number, budget: Budget): string {
  const short = represent(sorted(value), budget);
  budget.spendText(short.length);
  if (short.length <= 80 - indent - allowance) return short;
  const [open, close, parts] = partsOf(value);
  if (parts === undefined) return short;
  const lines = parts.map(([key, item], index) => {
    const head = key === undefined ? "" : `${represent(key, budget)}: `;
    const behind = index === parts.length - 1 ? allowance + 1 : 1;
    return head + laid(item, indent + 1 + head.length, behind, budget);
  });
  return `${open}${lines.join(`,\n${" ".repeat(indent + 1)}`)}${close}`;
}

function partsOf(value: Value): [string, string, (readonly [string | undefined, Value])[] | undefined] {
  if (isList(value)) return ["[", "]", value.map((item) => [undefined, item] as const)];
  if (isMapping(value) || value instanceof LazyMap)
    return ["{", "}", entriesOf(value).sort(([a], [b]) => compareTexts(a, b))];
  return ["", "", undefined];
}

function sorted(value: Value): Value {
  if (isList(value)) return value.map(sorted);
  if (!isMapping(value) && !(value instanceof LazyMap)) return value;
  const entries = entriesOf(value).sort(([a], [b]) => compareTexts(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
