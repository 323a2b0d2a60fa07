import type { Budget } from "../budget.ts";
import { compareTexts } from "../code-points.ts";
import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, takeFlag, takeText, takeWhole } from "../take.ts";
import { toJson } from "../text.ts";
import { isList, type Json, Refusal, type Value } from "../value.ts";
import type { Filter, Filters } from "./filter.ts";

interface Layout {
  /** Undefined: all on one line. */
  indent: string | undefined;
  sortsKeys: boolean;
  /** Whether other characters than those of ASCII are written as escapes. */
  ascii: boolean;
  between: string;
  behindKey: string;
}

/** JSON as Python's `json.dumps` lays it out, which is what Ansible prints. */
function dump(value: Json, layout: Layout, margin = ""): string {
  if (typeof value === "string") return dumpText(value, layout);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const { indent, between, behindKey } = layout;
  const inner = margin + (indent ?? "");
  const wrap = (parts: readonly string[], open: string, close: string) => {
    if (parts.length === 0) return open + close;
    if (indent === undefined) return open + parts.join(between) + close;
    return `${open}\n${inner}${parts.join(`${between}\n${inner}`)}\n${margin}${close}`;
  };
  if (isJsonList(value)) {
    const parts = value.map((item) => dump(item, layout, inner));
    return wrap(parts, "[", "]");
  }
  const entries = Object.entries(value);
  if (layout.sortsKeys) entries.sort(([a], [b]) => compareTexts(a, b));
  const parts = entries.map(([key, item]) => dumpText(key, layout) + behindKey + dump(item, layout, inner));
  return wrap(parts, "{", "}");
}

function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function dumpText(text: string, { ascii }: Layout): string {
  const quoted = JSON.stringify(text).replaceAll("\x7f", ascii ? "\\u007f" : "\x7f");
  if (!ascii) return quoted;
  return quoted.replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function separators(value: Value | undefined, indent: string | undefined, tight: boolean): [string, string] {
  if (value === undefined || value === null) return [tight || indent !== undefined ? "," : ", ", ": "];
  const [between, behindKey] = isList(value) ? value : [];
  return [takeText(between, "each separator"), takeText(behindKey, "each separator")];
}

function indentOf(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value.slice(0, 20);
  return " ".repeat(Math.min(20, Math.max(0, takeWhole(value, "indent"))));
}

/** Names that change nothing here: vaults are open, and there is nothing but plain data. */
const withoutEffect = ["vault_to_text", "preprocess_unsafe", "skipkeys", "check_circular", "allow_nan"];
const options = ["ensure_ascii", "separators", ...withoutEffect];

function writes(names: readonly string[], otherwise: { indent: number | null; sortsKeys: boolean }): Filter {
  return {
    takes: names,
    does: (value: Value, args: CallArguments, { budget }: Evaluation) => {
      const option = (name: string) => argument(args, names.indexOf(name), name);
      const given = option("indent");
      const indent = indentOf(given === undefined ? otherwise.indent : given);
      const [between, behindKey] = separators(option("separators"), indent, otherwise.indent !== null);
      const sortsKeys = takeFlag(option("sort_keys"), otherwise.sortsKeys);
      const layout = { indent, sortsKeys, ascii: takeFlag(option("ensure_ascii"), true), between, behindKey };
      const text = dump(toJson(value, budget), layout);
      budget.spendText(text.length);
      return text;
    },
  };
}

/** Characters that HTML gives a meaning, as escapes of JSON: Jinja's own filter. */
function toHtmlJson(value: Value, args: CallArguments, { budget }: Evaluation): string {
  const indent = indentOf(argument(args, 0, "indent"));
  const [between, behindKey] = separators(undefined, indent, false);
  const text = dump(toJson(value, budget), { indent, sortsKeys: true, ascii: true, between, behindKey });
  const safe = text.replaceAll(/[<>&']/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
  budget.spendText(safe.length);
  return safe;
}

function fromJson(text: string, budget: Budget): Value {
  budget.spendText(text.length);
  budget.spend(text.length >> 4);
  let parsed: Json;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Refusal(`the text is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return parsed;
}

export const jsonFilters: Filters = {
  to_json: writes(["indent", "sort_keys", ...options], { indent: null, sortsKeys: false }),
  to_nice_json: writes(["indent", "sort_keys", ...options], { indent: 4, sortsKeys: true }),
  tojson: { takes: ["indent"], does: toHtmlJson },
  from_json: { takes: [], does: (value, _, { budget }) => fromJson(takeText(value, "what 'from_json' reads"), budget) },
};
