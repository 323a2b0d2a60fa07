import type { Budget } from "./budget.ts";
import { isList, type Json, LazyMap, Omit, Refusal, Tool, Undefined, type Value } from "./value.ts";

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

/** A value as Python's `str` writes it: nothing is `None`. */
export function pythonText(value: Value, budget: Budget): string {
  return value === null ? "None" : renderText(value, budget);
}

/** Python's `repr` of a value. */
export function represent(value: Value, budget: Budget, depth = 0): string {
  budget.spend();
  if (depth > mostNesting) throw new Refusal("the value is nested too deep");
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return quote(value);
  if (value instanceof Undefined) throw value.refusal();
  if (value instanceof Tool) throw noText(value);
  if (value instanceof Omit) throw new Refusal("'omit' stands for a whole value, not for a part of a text");
  if (isList(value)) return `[${value.map((item) => represent(item, budget, depth + 1)).join(", ")}]`;
  const entries = entriesOf(value).map(([key, item]) => `${quote(key)}: ${represent(item, budget, depth + 1)}`);
  return `{${entries.join(", ")}}`;
}

function noText(tool: Tool): Refusal {
  return new Refusal(
    `${tool.what} is no text`,
    tool.call === undefined ? "name the part of it that is meant" : "call it: with () behind its name",
  );
}

/** As Python writes it: from 1e16 on, and below 0.0001, with an exponent of two digits. */
function numberText(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || (size >= 1e-4 && size < 1e16)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };
const unprintable = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = (width: number) => code.toString(16).padStart(width, "0");
  return named[character] ?? (code < 0x100 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`);
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll(unprintable, escapeCharacter);
  return `${mark}${mark === "'" ? escaped.replaceAll("'", "\\'") : escaped}${mark}`;
}

/** The entries of a mapping of either sort; a lazy one's values are worked out now. */
export function entriesOf(value: LazyMap | { readonly [key: string]: Value }): [string, Value][] {
  if (!(value instanceof LazyMap)) return Object.entries(value);
  return [...value.keys()].map((key) => [key, value.get(key) ?? null]);
}

/** A finished value as plain data: lazy mappings worked out, `omit` left out; undefined is refused. */
export function toJson(value: Value, budget: Budget, depth = 0): Json {
  // One text in many places is many texts as soon as somebody writes them down.
  if (typeof value === "string") budget.spendText(value.length);
  else budget.spend();
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (depth > mostNesting) throw new Refusal("the value is nested too deep");
  if (value instanceof Undefined) throw value.refusal();
  if (value instanceof Omit) throw new Refusal("'omit' can only stand for an argument or an item of a list");
  if (value instanceof Tool) throw noText(value);
  if (isList(value))
    return value.filter((item) => !(item instanceof Omit)).map((item) => toJson(item, budget, depth + 1));
  const kept = entriesOf(value).filter(([, item]) => !(item instanceof Omit));
  for (const [key] of kept) budget.spendText(key.length);
  return Object.fromEntries(kept.map(([key, item]) => [key, toJson(item, budget, depth + 1)]));
}
