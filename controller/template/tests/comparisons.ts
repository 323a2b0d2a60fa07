import type { Evaluation } from "../evaluation.ts";
import { Seen } from "../filters/seen.ts";
import { compares, contains } from "../operators.ts";
import { argument, defined, takeItems, takeText } from "../take.ts";
import { equal, isTrue, Refusal, type Value } from "../value.ts";
import { compareVersions, type VersionType } from "../version.ts";
import type { Test, Tests } from "./test.ts";

type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=";

function comparison(operator: Operator): Test {
  return {
    takes: ["other"],
    holds: (value, args, evaluation) => compares(operator, value, argument(args, 0, "other") ?? null, evaluation),
  };
}

function isSubset(inner: Value | undefined, outer: Value | undefined, evaluation: Evaluation): boolean {
  const whole = new Seen(evaluation.budget, takeItems(outer, "the whole list", evaluation));
  return takeItems(inner, "the list that is a part", evaluation).every((item) => whole.has(item));
}

const subset: Test = {
  takes: ["other"],
  holds: (value, args, evaluation) => isSubset(value, argument(args, 0, "other"), evaluation),
};
const superset: Test = {
  takes: ["other"],
  holds: (value, args, evaluation) => isSubset(argument(args, 0, "other"), value, evaluation),
};

/** What Ansible calls the operators, and what they say of an order. */
const operators: Readonly<Record<string, (order: number) => boolean>> = {
  ...all(["==", "=", "eq"], (order) => order === 0),
  ...all(["!=", "<>", "ne"], (order) => order !== 0),
  ...all(["<", "lt"], (order) => order < 0),
  ...all(["<=", "le"], (order) => order <= 0),
  ...all([">", "gt"], (order) => order > 0),
  ...all([">=", "ge"], (order) => order >= 0),
};

function all(names: readonly string[], holds: (order: number) => boolean) {
  return Object.fromEntries(names.map((name) => [name, holds]));
}

const versionTypes: Readonly<Record<string, VersionType>> = {
  loose: "loose",
  strict: "strict",
  semver: "semver",
  semantic: "semver",
};

function versionType(strict: Value | undefined, type: Value | undefined): VersionType {
  if (type === undefined || type === null) return strict !== undefined && isTrue(strict) ? "strict" : "loose";
  if (strict !== undefined && strict !== null) throw new Refusal("'version' takes strict or version_type, not both");
  const name = takeText(type, "version_type");
  const known = Object.hasOwn(versionTypes, name) ? versionTypes[name] : undefined;
  if (known === undefined)
    throw new Refusal(`there is no version_type '${name}'`, `there are ${Object.keys(versionTypes).join(", ")}`);
  return known;
}

const version: Test = {
  takes: ["version", "operator", "strict", "version_type"],
  holds: (value, args) => {
    const name = takeText(argument(args, 1, "operator") ?? "eq", "operator");
    const holds = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (holds === undefined)
      throw new Refusal(`there is no operator '${name}'`, `there are ${Object.keys(operators).join(", ")}`);
    const type = versionType(argument(args, 2, "strict"), argument(args, 3, "version_type"));
    const [one, other] = [takeText(value, "the version"), takeText(argument(args, 0, "version"), "the other version")];
    if (one === "" || other === "") throw new Refusal("a version is empty");
    // Equal is what is the same, whatever it is made of.
    if (type === "loose" && (name === "==" || name === "=" || name === "eq") && one === other) return true;
    return holds(compareVersions(one, other, type));
  },
};

/** Tests that hold a value against another, and of all items of a list. */
export const comparisonTests: Tests = {
  "==": comparison("=="),
  eq: comparison("=="),
  equalto: comparison("=="),
  "!=": comparison("!="),
  ne: comparison("!="),
  "<": comparison("<"),
  lt: comparison("<"),
  lessthan: comparison("<"),
  "<=": comparison("<="),
  le: comparison("<="),
  ">": comparison(">"),
  gt: comparison(">"),
  greaterthan: comparison(">"),
  ">=": comparison(">="),
  ge: comparison(">="),
  sameas: {
    takes: ["other"],
    holds: (value, args) => {
      const other = argument(args, 0, "other") ?? null;
      return typeof defined(value) === typeof other && equal(value, other);
    },
  },
  in: {
    takes: ["seq"],
    holds: (value, args, evaluation) => contains(argument(args, 0, "seq") ?? null, defined(value), evaluation),
  },
  contains: {
    takes: ["value"],
    holds: (value, args, evaluation) => contains(defined(value), argument(args, 0, "value") ?? null, evaluation),
  },
  subset,
  issubset: subset,
  superset,
  issuperset: superset,
  any: { takes: [], holds: (value, _, evaluation) => takeItems(value, "what 'any' looks at", evaluation).some(isTrue) },
  all: {
    takes: [],
    holds: (value, _, evaluation) => takeItems(value, "what 'all' looks at", evaluation).every(isTrue),
  },
  version,
  version_compare: version,
};
