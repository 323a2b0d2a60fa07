import { attribute, itemAt, slice } from "./access.ts";
import type { Arguments, Expression } from "./ast.ts";
import { type CallArguments, type Evaluator, noArguments } from "./evaluation.ts";
import { callFunction } from "./functions.ts";
import { callMethod } from "./methods.ts";
import { arithmetic, compares } from "./operators.ts";
import { evaluationError, type Source } from "./problem.ts";
import { defined, takeMapping, takeNumber, takeWhole } from "./take.ts";
import { renderText } from "./text.ts";
import {
  isList,
  isMapping,
  isTrue,
  Nothing,
  Omit,
  own,
  Refusal,
  Tool,
  typeName,
  Undefined,
  type Value,
} from "./value.ts";

/**
 * The value of an expression. A mistake is a `bad_template` error with the place of the innermost part that could not
 * be evaluated. Undefined is a value here; who uses the result refuses it.
 */
export function evaluate(expression: Expression, evaluator: Evaluator, source: Source): Value {
  try {
    evaluator.budget.spend();
    return partValue(expression, evaluator, source);
  } catch (error) {
    throw evaluationError(source, expression.at, error);
  }
}

function partValue(expression: Expression, evaluator: Evaluator, source: Source): Value {
  const value = (part: Expression) => evaluate(part, evaluator, source);
  switch (expression.is) {
    case "literal":
      return expression.value;
    case "name":
      return located(evaluator.variable(expression.name), expression, source);
    case "list":
      return evaluator.made.list(expression.items.map((item) => defined(value(item))));
    case "mapping":
      return evaluator.made.mapping(
        Object.fromEntries(expression.entries.map(([key, item]) => [keyOf(value(key)), defined(value(item))])),
      );
    case "attribute":
      return located(attribute(value(expression.of), expression.name), expression, source);
    case "index":
      return located(itemAt(value(expression.of), value(expression.index)), expression, source);
    case "slice": {
      const bound = (part: Expression | undefined) => (part === undefined ? undefined : takeBound(value(part)));
      return slice(value(expression.of), {
        from: bound(expression.from),
        to: bound(expression.to),
        step: bound(expression.step),
      });
    }
    case "call":
      return callExpression(expression.of, argumentsOf(expression.arguments, value), evaluator, source);
    case "filter":
      return evaluator.filter(expression.name, value(expression.of), argumentsOf(expression.arguments, value));
    case "test":
      return (
        evaluator.test(expression.name, value(expression.of), argumentsOf(expression.arguments, value)) !==
        expression.negated
      );
    case "not":
      return !isTrue(value(expression.of));
    case "and": {
      const left = value(expression.left);
      return isTrue(left) ? value(expression.right) : left;
    }
    case "or": {
      const left = value(expression.left);
      return isTrue(left) ? left : value(expression.right);
    }
    case "if":
      if (isTrue(value(expression.condition))) return value(expression.value);
      return expression.otherwise === undefined ? new Nothing() : value(expression.otherwise);
    case "sign": {
      const operand = takeNumber(value(expression.of), `what '${expression.sign}' stands before`);
      return expression.sign === "-" ? -operand : operand;
    }
    case "arithmetic":
      return arithmetic(expression.operator, value(expression.left), value(expression.right), evaluator);
    case "comparison": {
      let left = value(expression.first);
      for (const { operator, right } of expression.rest) {
        const next = value(right);
        if (!compares(operator, left, next, evaluator)) return false;
        left = next;
      }
      return true;
    }
  }
}

/** Undefined remembers where it came from: what uses it may stand far away. */
function located(value: Value, { at }: Expression, source: Source): Value {
  if (!(value instanceof Undefined) || value.place !== undefined) return value;
  return value.at(() => source.placeOf(at));
}

/** What a call gives: of a method, of a function, of a macro or the like. */
export function callExpression(of: Expression, args: CallArguments, evaluator: Evaluator, source: Source): Value {
  if (of.is === "attribute") {
    const owner = evaluate(of.of, evaluator, source);
    // A part that can be called wins over a method, as a macro of an imported file does.
    if (owner instanceof Tool) return callTool(located(attribute(owner, of.name), of, source), args, evaluator);
    const part = isMapping(owner) ? own(owner, of.name) : undefined;
    return part instanceof Tool ? callTool(part, args, evaluator) : callMethod(owner, of.name, args, evaluator);
  }
  if (of.is === "name") {
    const local = evaluator.frames?.get(of.name);
    return local === undefined ? callFunction(of.name, args, evaluator) : callTool(local, args, evaluator);
  }
  return callTool(evaluate(of, evaluator, source), args, evaluator);
}

function callTool(tool: Value, args: CallArguments, evaluator: Evaluator): Value {
  if (!(tool instanceof Tool) || tool.call === undefined)
    throw new Refusal(`${typeName(defined(tool))} cannot be called`, "macros, functions and methods can");
  const { call: does } = tool;
  return evaluator.budget.deeper(() => does(args.positional, args.named), "macros call each other");
}

/** Arguments worked out, those of `*list` and `**mapping` among them. */
export function argumentsOf(args: Arguments, value: (part: Expression) => Value): CallArguments {
  if (args.positional.length === 0 && args.named.length === 0 && args.list === undefined && args.mapping === undefined)
    return noArguments;
  const list = args.list === undefined ? [] : defined(value(args.list));
  if (!isList(list)) throw new Refusal(`behind '*' stands a list, got ${typeName(list)}`);
  const mapping = args.mapping === undefined ? {} : takeMapping(value(args.mapping), "what stands behind '**'");
  return {
    positional: [...args.positional.map(value), ...list],
    named: Object.fromEntries([
      ...args.named.map(([name, part]): [string, Value] => [name, value(part)]),
      ...Object.entries(mapping),
    ]),
  };
}

function takeBound(value: Value): number | undefined {
  return value === null ? undefined : takeWhole(value, "a bound of a slice");
}

function keyOf(key: Value): string {
  if (typeof key === "string") return key;
  if (typeof key === "number") return String(key);
  throw new Refusal(`a key is text, got ${typeName(defined(key))}`);
}

/** The text that a value becomes in the midst of other text. */
export function asText(value: Value, evaluator: Evaluator): string {
  if (value instanceof Omit) throw new Refusal("'omit' can only stand for a whole argument, not within other text");
  return renderText(defined(value), evaluator.budget);
}
