import type { Budget } from "../budget.ts";
import { takeText } from "../take.ts";
import { toJson } from "../text.ts";
import { type Json, Refusal, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

/** JSON as Python's `json.dumps` lays it out, which is what Ansible prints. `indent` 0: on one line. */
function dump(value: Json, indent: number, sorted: boolean, margin: string): string {
  if (typeof value === "string") return dumpText(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = margin + " ".repeat(indent);
  const [before, between, after] = indent === 0 ? ["", ", ", ""] : [`\n${inner}`, `,\n${inner}`, `\n${margin}`];
  const wrap = (parts: string[], open: string, close: string) =>
    parts.length === 0 ? open + close : open + before + parts.join(between) + after + close;
  if (isJsonList(value))
    return wrap(
      value.map((item) => dump(item, indent, sorted, inner)),
      "[",
      "]",
    );
  const entries = sorted ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : Object.entries(value);
  return wrap(
    entries.map(([key, item]) => `${dumpText(key)}: ${dump(item, indent, sorted, inner)}`),
    "{",
    "}",
  );
}

function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function dumpText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function toText(value: Value, indent: number, budget: Budget): string {
  const text = dump(toJson(value, budget), indent, indent > 0, "");
  budget.spendText(text.length);
  return text;
}

function fromJson(text: string, budget: Budget): Value {
  budget.spendText(text.length);
  let parsed: Json;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Refusal(`the text is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return parsed;
}

export const jsonFilters: Filters = {
  to_json: { takes: [], does: (value, _, { budget }) => toText(value, 0, budget) },
  to_nice_json: { takes: [], does: (value, _, { budget }) => toText(value, 4, budget) },
  from_json: { takes: [], does: (value, _, { budget }) => fromJson(takeText(value, "what 'from_json' reads"), budget) },
};
