import type { CallArguments, Evaluation } from "../evaluation.ts";
import { prettyText } from "../pretty.ts";
import { argument, defined, takeFlag, takeText } from "../take.ts";
import { pythonText } from "../text.ts";
import { isList, isTrue, own, Refusal, Undefined, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

function otherwise(value: Value, args: CallArguments): Value {
  const absent = value instanceof Undefined || (takeFlag(argument(args, 1, "boolean"), false) && !isTrue(value));
  // What is undefined may stand for it, and is refused only where it is used: a | default(b) | default(c).
  const given = args.positional[0] !== undefined ? args.positional[0] : own(args.named, "default_value");
  return absent ? (given === undefined ? "" : given) : value;
}

function mandatory(value: Value, args: CallArguments): Value {
  if (!(value instanceof Undefined)) return value;
  const said = argument(args, 0, "msg");
  throw new Refusal(
    said === undefined || said === null ? `${value.reason}, and it is mandatory` : takeText(said, "msg"),
    value.hint,
  );
}

/** Ansible's `bool`: yes, on, true and 1 are true, all else is false. */
function toBoolean(value: Value): Value {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return ["yes", "on", "1", "true"].includes(value.toLowerCase());
  return defined(value) === 1;
}

function ternary(value: Value, args: CallArguments): Value {
  const whenNone = argument(args, 2, "none_val");
  if (value === null && whenNone !== undefined && whenNone !== null) return whenNone;
  const [whenTrue, whenFalse] = [
    args.positional[0] ?? own(args.named, "true_val"),
    args.positional[1] ?? own(args.named, "false_val"),
  ];
  if (whenTrue === undefined || whenFalse === undefined) throw new Refusal("'ternary' needs two values");
  return isTrue(value) ? whenTrue : whenFalse;
}

/** The name of a value's type in Python. */
function typeDebug(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return isList(value) ? "list" : "dict";
}

const defaultFilter = { takes: ["default_value", "boolean"], does: otherwise };

/** Filters of any value. */
export const valueFilters: Filters = {
  default: defaultFilter,
  d: defaultFilter,
  mandatory: { takes: ["msg"], does: mandatory },
  ternary: { takes: ["true_val", "false_val", "none_val"], does: ternary },
  bool: { takes: [], does: toBoolean },
  string: { takes: [], does: (value, _, { budget }: Evaluation) => pythonText(defined(value), budget) },
  pprint: { takes: [], does: (value, _, { budget }) => prettyText(defined(value), budget) },
  safe: { takes: [], does: (value) => value },
  type_debug: { takes: [], does: (value) => typeDebug(defined(value)) },
};
