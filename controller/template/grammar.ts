import type { ArithmeticOperator, ComparisonOperator } from "./ast.ts";

/** How tightly the arithmetic operators bind, loosest first, as in Jinja; all group to the left. */
export const precedence: Readonly<Record<ArithmeticOperator, number>> = {
  "+": 1,
  "-": 1,
  "~": 2,
  "*": 3,
  "/": 3,
  "//": 3,
  "%": 3,
  "**": 4,
};
export const comparisons = ["==", "!=", "<", "<=", ">", ">="] as const satisfies readonly ComparisonOperator[];
export const reserved = new Set(["and", "or", "not", "in", "is", "if", "else"]);
export const constants = new Map<string, null | boolean>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);
export const mostNesting = 100;

export function isArithmetic(text: string): text is ArithmeticOperator {
  return Object.hasOwn(precedence, text);
}
