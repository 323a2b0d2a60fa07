import type { Expression } from "./ast.ts";
import { Budget } from "./budget.ts";
import { asText, evaluate } from "./evaluate.ts";
import { evaluatorIn } from "./evaluator.ts";
import { tokenize } from "./lexer.ts";
import { parse } from "./parser.ts";
import { evaluationError, type PlaceOf, placeInText, type Source } from "./problem.ts";
import { readPythonLiteral } from "./python-literal.ts";
import type { Scope, Variable } from "./scope.ts";
import { playbookSettings } from "./settings.ts";
import { type Compiled, compileSource, endNewlines } from "./statements/compile.ts";
import { renderTemplate } from "./statements/render.ts";
import { defined } from "./take.ts";
import { toJson } from "./text.ts";
import { isTrue, type Json, Refusal, Undefined, type Value } from "./value.ts";

/** A compiled text with `{{ }}` in it; evaluated once per host. */
export interface Template extends Variable {
  readonly text: string;
  /** Whether it holds no expression: its value is its text. */
  readonly isConstant: boolean;
  /** The native value where the text is exactly one `{{ }}`, else text. Errors are `bad_template`. */
  evaluate(scope: Scope): Json;
  /** The value as text. */
  render(scope: Scope): string;
}

/** A compiled expression without braces, as `when:` has it. */
export interface CompiledExpression {
  readonly text: string;
  evaluate(scope: Scope): Json;
  /** Its truth. Text that says yes or no is refused: it would be true, whatever it says. */
  holds(scope: Scope): boolean;
}

function located<T>(source: Source, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw evaluationError(source, 0, error);
  }
}

/** Whether a text holds anything but itself. */
export function mayBeTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%") || text.includes("{#");
}

/**
 * Compiles a text that may hold `{{ }}`, statements and comments. Errors are `bad_template`, with the place that
 * `placeOf` gives for an offset (without it: `line:column` within the text).
 */
export function compileTemplate(text: string, placeOf: PlaceOf = placeInText(text)): Template {
  if (!mayBeTemplate(text)) return constant(text, text);
  const source = { text, placeOf };
  const compiled = located(source, () => compileSource(source, playbookSettings));
  const value = staticText(compiled);
  if (value !== undefined) return constant(text, value);
  const valueIn = nativeValue(compiled);
  return {
    text,
    isConstant: false,
    valueIn,
    evaluate: (scope) => finish(source, valueIn, scope),
    render: (scope) => located(source, () => renderTemplate(compiled, scope, new Budget())),
  };
}

function constant(text: string, value: string): Template {
  return { text, isConstant: true, valueIn: () => value, evaluate: () => value, render: () => value };
}

/** The text of a template that is the same everywhere. */
function staticText({ nodes, newlines }: Compiled): string | undefined {
  if (nodes.some((node) => node.is !== "text")) return undefined;
  const text = nodes.map((node) => (node.is === "text" ? node.text : "")).join("");
  return text + "\n".repeat(Math.max(0, newlines - endNewlines(text)));
}

/** What a template is worth: the value of its only expression, or its text, read as data where it looks like some. */
function nativeValue(compiled: Compiled): Variable["valueIn"] {
  const { nodes, newlines, source } = compiled;
  const [only] = nodes;
  if (nodes.length !== 1 || only?.is !== "print")
    return (scope, budget) => located(source, () => nativeText(renderTemplate(compiled, scope, budget), budget));
  return (scope, budget) => {
    const evaluator = evaluatorIn(scope, budget);
    const value = evaluate(only.value, evaluator, source);
    if (newlines === 0 || !keepsNewlines(only.value, value, newlines)) return value;
    return located(source, () => asText(value, evaluator) + "\n".repeat(newlines));
  };
}

/** The newline at the end of a block of YAML is no part of a list, a mapping or a truth; nor of what a variable holds alone. */
function keepsNewlines(expression: Expression, value: Value, newlines: number): boolean {
  if (typeof value === "string" || value instanceof Undefined) return true;
  return (value === null || typeof value === "number") && (expression.is !== "name" || newlines > 1);
}

/** As Ansible has it: text that looks like a list, a mapping or a truth is one, where Python reads it so. */
function nativeText(text: string, budget: Budget): Value {
  if (!/^[[{]/.test(text) && text !== "True" && text !== "False") return text;
  budget.spendText(text.length);
  return readPythonLiteral(text, { json: true }) ?? text;
}

function finish(source: Source, valueIn: (scope: Scope, budget: Budget) => Value, scope: Scope): Json {
  const budget = new Budget();
  return located(source, () => toJson(defined(valueIn(scope, budget)), budget));
}

const saysYesOrNo = /^\s*(true|false|yes|no|on|off|y|n)\s*$/i;

/** Compiles an expression without braces; one in braces is taken too, as old playbooks have it. */
export function compileExpression(text: string, placeOf: PlaceOf = placeInText(text)): CompiledExpression {
  const source = { text, placeOf };
  const valueIn = mayBeTemplate(text) ? compileTemplate(text, placeOf).valueIn : expressionValue(source);
  return {
    text,
    evaluate: (scope) => finish(source, valueIn, scope),
    holds: (scope) =>
      located(source, () => {
        const value = defined(valueIn(scope, new Budget()));
        if (typeof value === "string" && saysYesOrNo.test(value)) {
          throw new Refusal(
            `it gives the text '${value}', not true or false`,
            "turn text into true or false with '| bool'",
          );
        }
        return isTrue(value);
      }),
  };
}

function expressionValue(source: Source) {
  const expression = located(source, () => parse(source, tokenize(source, 0)));
  return (scope: Scope, budget: Budget) => evaluate(expression, evaluatorIn(scope, budget), source);
}
