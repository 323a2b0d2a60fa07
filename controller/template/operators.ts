import type { ArithmeticOperator, ComparisonOperator } from "./ast.ts";
import { mostText } from "./budget.ts";
import type { Evaluation } from "./evaluation.ts";
import { printf } from "./format/printf.ts";
import { defined } from "./take.ts";
import { pythonText } from "./text.ts";
import { compare, equal, isList, isMapping, isNumeric, LazyMap, Refusal, typeName, type Value } from "./value.ts";

/** An operator of arithmetic as Python has it; numbers are JavaScript's, so 4 / 2 is 2. */
export function arithmetic(operator: ArithmeticOperator, left: Value, right: Value, evaluation: Evaluation): Value {
  const { budget } = evaluation;
  if (operator === "~") return paid(pythonText(defined(left), budget) + pythonText(defined(right), budget), evaluation);
  if (operator === "%" && typeof left === "string") return printf(left, defined(right), budget);
  if (isNumeric(left) && isNumeric(right)) return calculate(operator, Number(left), Number(right));
  if (operator === "+" && typeof left === "string" && typeof right === "string") return paid(left + right, evaluation);
  if (operator === "+" && isList(left) && isList(right)) {
    budget.spend(left.length + right.length);
    return evaluation.made.list([...left, ...right]);
  }
  if (operator === "*" && typeof right === "number" && (typeof left === "string" || isList(left)))
    return repeat(left, right, evaluation);
  const hint =
    operator === "+" && (typeof left === "string" || typeof right === "string") ? "join text with '~'" : undefined;
  throw new Refusal(`'${operator}' does not work on ${typeName(defined(left))} and ${typeName(defined(right))}`, hint);
}

function calculate(operator: ArithmeticOperator, left: number, right: number): number {
  if (right === 0 && (operator === "/" || operator === "//" || operator === "%"))
    throw new Refusal("a division by zero");
  const result = {
    "+": () => left + right,
    "-": () => left - right,
    "*": () => left * right,
    "/": () => left / right,
    "//": () => Math.floor(left / right),
    // The sign is that of the divisor.
    "%": () => left - right * Math.floor(left / right),
    "**": () => left ** right,
    "~": () => Number.NaN,
  }[operator]();
  if (!Number.isFinite(result)) throw new Refusal(`'${left} ${operator} ${right}' is not a number that can be held`);
  return result;
}

function repeat(value: string | readonly Value[], times: number, evaluation: Evaluation): Value {
  const count = Math.max(0, Math.trunc(times));
  if (value.length * count > mostText) throw new Refusal(`'*' makes more than ${mostText} parts`);
  evaluation.budget.spend(typeof value === "string" ? 1 + (value.length * count) / 64 : value.length * count);
  return typeof value === "string" ? value.repeat(count) : Array.from({ length: count }, () => value).flat(1);
}

function paid(text: string, evaluation: Evaluation): string {
  evaluation.budget.spendText(text.length);
  return text;
}

export function compares(operator: ComparisonOperator, left: Value, right: Value, evaluation: Evaluation): boolean {
  defined(left);
  defined(right);
  switch (operator) {
    case "==":
      return equal(left, right);
    case "!=":
      return !equal(left, right);
    case "<":
      return compare(left, right) < 0;
    case "<=":
      return compare(left, right) <= 0;
    case ">":
      return compare(left, right) > 0;
    case ">=":
      return compare(left, right) >= 0;
    case "in":
      return contains(right, left, evaluation);
    case "not in":
      return !contains(right, left, evaluation);
  }
}

/** Whether a text holds a part, a list an item, a mapping a key. */
export function contains(whole: Value, part: Value, evaluation: Evaluation): boolean {
  if (typeof whole === "string") {
    if (typeof part !== "string") throw new Refusal(`'in' looks for text in text, got ${typeName(part)}`);
    evaluation.budget.spend(1 + whole.length / 64);
    return whole.includes(part);
  }
  if (isList(whole)) {
    evaluation.budget.spend(whole.length);
    return whole.some((item) => equal(item, part));
  }
  if (typeof part !== "string") {
    if (isMapping(whole) || whole instanceof LazyMap) return false;
  } else if (whole instanceof LazyMap) return whole.get(part) !== undefined;
  else if (isMapping(whole)) return Object.hasOwn(whole, part);
  throw new Refusal(`'in' needs a text, a list or a mapping behind it, got ${typeName(whole)}`);
}
