import type { Expression } from "./ast.ts";
import { Budget } from "./budget.ts";
import { asText, type Evaluator, evaluate } from "./evaluate.ts";
import type { CallArguments } from "./evaluation.ts";
import { filters } from "./filters/filters.ts";
import { tokenize } from "./lexer.ts";
import { parse } from "./parser.ts";
import { evaluationError, type PlaceOf, placeInText, type Source, syntaxError } from "./problem.ts";
import type { Scope, Variable } from "./scope.ts";
import { didYouMean } from "./suggest.ts";
import { onlyArguments } from "./take.ts";
import { tests } from "./tests.ts";
import { toJson } from "./text.ts";
import { isTrue, type Json, Refusal, Undefined, type Value } from "./value.ts";

type Part = string | Expression;

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

const statement = /^\{%-?\s*(\w*)/;
const raw = /\{%-?\s*raw\s*-?%\}([\s\S]*?)\{%-?\s*endraw\s*-?%\}/y;

/** The pieces of a template: text and expressions. With `trims` a newline right behind a comment or a raw block goes with it. */
function split(source: Source, trims: boolean): Part[] {
  const { text } = source;
  const parts: Part[] = [];
  let from = 0;
  let strips = false;
  const addText = (piece: string) => {
    const kept = strips ? piece.trimStart() : piece;
    strips = false;
    if (kept !== "") parts.push(kept);
  };
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at)) {
    const mark = text.slice(at, at + 2);
    if (mark !== "{{" && mark !== "{%" && mark !== "{#") {
      at++;
      continue;
    }
    const before = text.slice(from, at);
    addText(text[at + 2] === "-" ? before.trimEnd() : before);
    if (mark === "{#") {
      const end = text.indexOf("#}", at + 2);
      if (end < 0) throw syntaxError(source, at, "the comment '{#' is never closed", "close it with '#}'");
      strips = text[end - 1] === "-";
      at = pastNewline(end + 2);
    } else if (mark === "{%") {
      raw.lastIndex = at;
      const verbatim = raw.exec(text);
      if (verbatim === null) throw statementError(source, at);
      addText(verbatim[1] ?? "");
      at = pastNewline(at + verbatim[0].length);
    } else {
      const start = text[at + 2] === "-" ? at + 3 : at + 2;
      const tokens = tokenize(source, start, true);
      parts.push(parse(source, tokens));
      const end = tokens.at(-1)?.at ?? text.length;
      strips = text[end] === "-";
      at = end + (strips ? 3 : 2);
    }
    from = at;
  }
  addText(text.slice(from));
  return parts;

  function pastNewline(at: number): number {
    return trims && text[at] === "\n" ? at + 1 : at;
  }
}

function statementError(source: Source, at: number) {
  const name = statement.exec(source.text.slice(at, at + 40))?.[1] ?? "";
  const hint =
    name === "if" ? "write {{ a if condition else b }}" : "use filters, as in {{ list | map('upper') | join(', ') }}";
  return syntaxError(source, at, `statements ({% ${name} %}) are not supported yet`, hint);
}

function evaluator(scope: Scope, budget: Budget): Evaluator {
  const self: Evaluator = {
    budget,
    variable: (name) => scope.lookup(name, budget),
    filter: (name, value, args) => {
      const filter = entry(filters, name, "filter", args);
      budget.spend();
      return filter.does(value, args, self);
    },
    test: (name, value, args) => {
      const test = entry(tests, name, "test", args);
      budget.spend();
      return test.holds(value, args, self);
    },
  };
  return self;
}

function entry<T extends { takes: readonly string[] | undefined }>(
  table: Readonly<Record<string, T>>,
  name: string,
  sort: string,
  args: CallArguments,
): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) throw new Refusal(`there is no ${sort} '${name}'`, didYouMean(name, Object.keys(table)));
  if (found.takes !== undefined) onlyArguments(args, `'${name}'`, found.takes);
  return found;
}

function located<T>(source: Source, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw evaluationError(source, 0, error);
  }
}

function defined(value: Value): Value {
  if (value instanceof Undefined) throw value.refusal();
  return value;
}

/**
 * Compiles a text that may hold `{{ }}` and comments. Errors are `bad_template`, with the place that `placeOf` gives
 * for an offset (without it: `line:column` within the text).
 */
export function compileTemplate(
  text: string,
  placeOf: PlaceOf = placeInText(text),
  { trims = false }: { trims?: boolean } = {},
): Template {
  const source = { text, placeOf };
  const parts = located(source, () => split(source, trims));
  const isConstant = parts.every((part) => typeof part === "string");
  if (isConstant) {
    const value = parts.join("");
    return { text, isConstant, valueIn: () => value, evaluate: () => value, render: () => value };
  }
  const [only] = parts;
  const valueIn = (scope: Scope, budget: Budget): Value => {
    const running = evaluator(scope, budget);
    if (parts.length === 1 && only !== undefined && typeof only !== "string") return evaluate(only, running, source);
    return joined(parts, running, source);
  };
  return {
    text,
    isConstant,
    valueIn,
    evaluate: (scope) => finish(source, valueIn, scope),
    render: (scope) =>
      located(source, () => {
        const budget = new Budget();
        return joined(parts, evaluator(scope, budget), source);
      }),
  };
}

function joined(parts: readonly Part[], running: Evaluator, source: Source): string {
  let text = "";
  for (const part of parts) {
    text +=
      typeof part === "string" ? part : atPart(source, part, () => asText(evaluate(part, running, source), running));
    running.budget.spendText(text.length);
  }
  return text;
}

function atPart<T>(source: Source, part: Expression, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw evaluationError(source, part.at, error);
  }
}

function finish(source: Source, valueIn: (scope: Scope, budget: Budget) => Value, scope: Scope): Json {
  const budget = new Budget();
  return located(source, () => toJson(defined(valueIn(scope, budget)), budget));
}

const saysYesOrNo = /^\s*(true|false|yes|no|on|off|y|n)\s*$/i;

/** Compiles an expression without braces; one in braces is taken too, as old playbooks have it. */
export function compileExpression(text: string, placeOf: PlaceOf = placeInText(text)): CompiledExpression {
  const source = { text, placeOf };
  const valueIn = text.includes("{{") ? compileTemplate(text, placeOf).valueIn : expressionValue(source);
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
  const expression = located(source, () => parse(source, tokenize(source, 0, false)));
  return (scope: Scope, budget: Budget) => evaluate(expression, evaluator(scope, budget), source);
}
