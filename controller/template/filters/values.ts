import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, defined, takeFlag, takeNumber, takeText, takeWhole } from "../take.ts";
import { renderText } from "../text.ts";
import { isTrue, Refusal, typeName, Undefined, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

function otherwise(value: Value, args: CallArguments): Value {
  const absent = value instanceof Undefined || (takeFlag(argument(args, 1, "boolean"), false) && !isTrue(value));
  return absent ? (argument(args, 0, "default_value") ?? "") : value;
}

function mandatory(value: Value, args: CallArguments): Value {
  if (!(value instanceof Undefined)) return value;
  const said = argument(args, 0, "msg");
  throw new Refusal(said === undefined ? `${value.reason}, and it is mandatory` : takeText(said, "msg"), value.hint);
}

function toWhole(value: Value, args: CallArguments): Value {
  const base = takeWhole(argument(args, 1, "base") ?? 10, "base");
  const fallback = argument(args, 0, "default") ?? 0;
  if (typeof defined(value) === "number" || typeof value === "boolean") return Math.trunc(Number(value));
  if (typeof value !== "string") return fallback;
  const text = value.trim().replaceAll("_", "");
  if (base === 10) return /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(text) ? Math.trunc(Number(text)) : fallback;
  if (base < 2 || base > 36) throw new Refusal(`a base is 2 to 36, got ${base}`);
  const digits = text.toLowerCase().replace({ 16: /^0x/, 8: /^0o/, 2: /^0b/ }[base] ?? /^(?!)/, "");
  const number = Number.parseInt(digits, base);
  return number.toString(base) === digits.replace(/^0+(?=.)/, "") ? number : fallback;
}

function toNumber(value: Value, args: CallArguments): Value {
  if (typeof defined(value) === "number" || typeof value === "boolean") return Number(value);
  const isNumber = typeof value === "string" && /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(value);
  return isNumber ? Number(value) : (argument(args, 0, "default") ?? 0);
}

/** Ansible's `bool`: yes, on, true and 1 are true, all else is false. */
function toBoolean(value: Value): Value {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return ["yes", "on", "1", "true"].includes(value.toLowerCase());
  return defined(value) === 1;
}

function ternary(value: Value, args: CallArguments): Value {
  const whenNone = argument(args, 2, "none_val");
  if (value === null && whenNone !== undefined) return whenNone;
  const chosen = isTrue(value) ? argument(args, 0, "true_val") : argument(args, 1, "false_val");
  if (chosen === undefined) throw new Refusal("'ternary' needs two values");
  return chosen;
}

function round(value: Value, args: CallArguments): Value {
  const number = takeNumber(value, "what is rounded");
  const method = takeText(argument(args, 1, "method") ?? "common", "method");
  const factor = 10 ** Math.min(15, Math.max(-15, takeWhole(argument(args, 0, "precision") ?? 0, "precision")));
  if (method === "ceil") return Math.ceil(number * factor) / factor;
  if (method === "floor") return Math.floor(number * factor) / factor;
  if (method !== "common") throw new Refusal(`a method of 'round' is common, ceil or floor, got '${method}'`);
  const scaled = number * factor;
  // Python rounds halves to the even neighbour.
  const down = Math.floor(scaled);
  const rounded = scaled - down === 0.5 ? down + (down % 2 === 0 ? 0 : 1) : Math.round(scaled);
  return rounded / factor;
}

const defaultFilter = { takes: ["default_value", "boolean"], does: otherwise };

export const valueFilters: Filters = {
  default: defaultFilter,
  d: defaultFilter,
  mandatory: { takes: ["msg"], does: mandatory },
  ternary: { takes: ["true_val", "false_val", "none_val"], does: ternary },
  int: { takes: ["default", "base"], does: toWhole },
  float: { takes: ["default"], does: toNumber },
  bool: { takes: [], does: toBoolean },
  string: {
    takes: [],
    does: (value, _, evaluation: Evaluation) =>
      value === null ? "None" : renderText(defined(value), evaluation.budget),
  },
  abs: { takes: [], does: (value) => Math.abs(takeNumber(value, "what 'abs' takes")) },
  round: { takes: ["precision", "method"], does: round },
  type_debug: { takes: [], does: (value) => typeName(defined(value)) },
};
