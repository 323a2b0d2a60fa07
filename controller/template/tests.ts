import type { CallArguments, Evaluation } from "./evaluation.ts";
import { compares, contains } from "./operators.ts";
import { matchAt, search } from "./regex/regex.ts";
import { argument, defined, takeNumber, takeRegex, takeText, takeWhole } from "./take.ts";
import { isList, isMapping, isTrue, LazyMap, own, Refusal, typeName, Undefined, type Value } from "./value.ts";

/** What `value is name(…)` asks. */
export interface Test {
  takes: readonly string[] | undefined;
  holds(value: Value, args: CallArguments, evaluation: Evaluation): boolean;
}

/** A test without arguments, on a value that must be there. */
function plain(holds: (value: Value) => boolean): Test {
  return { takes: [], holds: (value) => holds(defined(value)) };
}

function comparison(operator: "==" | "!=" | "<" | "<=" | ">" | ">="): Test {
  return {
    takes: ["other"],
    holds: (value, args, evaluation) => compares(operator, value, argument(args, 0, "other") ?? null, evaluation),
  };
}

/** A flag of a task's registered result; `otherwise` where the result does not say. */
function result(flag: string): (value: Value) => boolean {
  return (value) => {
    if (!isMapping(value)) throw new Refusal(`'${flag}' is asked of a registered result, got ${typeName(value)}`);
    return isTrue(own(value, flag) ?? false);
  };
}

const failed = result("failed");
const skipped = result("skipped");
const succeeded = plain((value) => !failed(value));
const isMap = plain((value) => isMapping(value) || value instanceof LazyMap);
const isBoolean = plain((value) => typeof value === "boolean");
const sequence = plain(
  (value) => typeof value === "string" || isList(value) || isMapping(value) || value instanceof LazyMap,
);

function matches(anchored: boolean, whole: boolean): Test {
  return {
    takes: ["pattern", "ignorecase", "multiline"],
    holds: (value, args, { budget }) => {
      const text = takeText(value, "what is matched");
      const regex = takeRegex(args, 0, 1, whole);
      return (anchored ? matchAt(regex, text, 0, budget) : search(regex, text, 0, budget)) !== undefined;
    },
  };
}

function subset(inner: Value, outer: Value | undefined, evaluation: Evaluation): boolean {
  if (!isList(defined(inner)) || outer === undefined || !isList(outer) || !isList(inner))
    throw new Refusal("a subset is asked of two lists");
  return inner.every((item) => contains(outer, item, evaluation));
}

/** Every test by its name. */
export const tests: Readonly<Record<string, Test>> = {
  defined: { takes: [], holds: (value) => !(value instanceof Undefined) },
  undefined: { takes: [], holds: (value) => value instanceof Undefined },
  none: plain((value) => value === null),
  boolean: isBoolean,
  true: plain((value) => value === true),
  false: plain((value) => value === false),
  truthy: plain(isTrue),
  falsy: plain((value) => !isTrue(value)),
  string: plain((value) => typeof value === "string"),
  number: plain((value) => typeof value === "number" || typeof value === "boolean"),
  integer: plain((value) => Number.isInteger(value)),
  float: plain((value) => typeof value === "number" && !Number.isInteger(value)),
  mapping: isMap,
  sequence,
  iterable: sequence,
  lower: plain((value) => typeof value === "string" && value === value.toLowerCase()),
  upper: plain((value) => typeof value === "string" && value === value.toUpperCase()),
  odd: plain((value) => Math.abs(takeNumber(value, "what 'odd' looks at") % 2) === 1),
  even: plain((value) => takeNumber(value, "what 'even' looks at") % 2 === 0),
  divisibleby: {
    takes: ["number"],
    holds: (value, args) =>
      takeNumber(value, "the value") % takeWhole(argument(args, 0, "number"), "the divisor") === 0,
  },
  eq: comparison("=="),
  equalto: comparison("=="),
  sameas: comparison("=="),
  ne: comparison("!="),
  lt: comparison("<"),
  le: comparison("<="),
  gt: comparison(">"),
  ge: comparison(">="),
  in: {
    takes: ["whole"],
    holds: (value, args, evaluation) => contains(argument(args, 0, "whole") ?? null, defined(value), evaluation),
  },
  contains: {
    takes: ["part"],
    holds: (value, args, evaluation) => contains(defined(value), argument(args, 0, "part") ?? null, evaluation),
  },
  subset: {
    takes: ["other"],
    holds: (value, args, evaluation) => subset(value, argument(args, 0, "other"), evaluation),
  },
  superset: {
    takes: ["other"],
    holds: (value, args, evaluation) => subset(argument(args, 0, "other") ?? null, value, evaluation),
  },
  match: matches(true, false),
  search: matches(false, false),
  regex: matches(false, false),
  fullmatch: matches(true, true),
  failed: plain(failed),
  failure: plain(failed),
  succeeded,
  success: succeeded,
  successful: succeeded,
  changed: plain(result("changed")),
  change: plain(result("changed")),
  skipped: plain(skipped),
  skip: plain(skipped),
  unreachable: plain(result("unreachable")),
  reachable: plain((value) => !result("unreachable")(value)),
};
