import type { Expression, FilterCall } from "../ast.ts";
import type { Budget } from "../budget.ts";
import { argumentsOf, asText, callExpression, evaluate } from "../evaluate.ts";
import type { Evaluator } from "../evaluation.ts";
import { evaluatorIn } from "../evaluator.ts";
import { evaluationError } from "../problem.ts";
import type { Scope } from "../scope.ts";
import { isTrue, type Value } from "../value.ts";
import { assign } from "./assign.ts";
import type { Node } from "./ast.ts";
import { type Compiled, endNewlines } from "./compile.ts";
import { renderImport, renderInclude } from "./files.ts";
import { renderFor } from "./for.ts";
import { Frames } from "./frames.ts";
import { makeMacro } from "./macro.ts";
import { Output } from "./output.ts";
import type { Jump, Rendering } from "./rendering.ts";

/** The text of a template in a scope. Throws `bad_template` with the place. */
export function renderTemplate(compiled: Compiled, scope: Scope, budget: Budget): string {
  const frames = new Frames();
  const evaluator = evaluatorIn(scope, budget, compiled.hasStatements ? frames : undefined);
  const text = new Work(compiled, evaluator, frames).text(compiled.nodes);
  const missing = compiled.newlines - endNewlines(text);
  return missing > 0 ? text + compiled.settings.newline_sequence.repeat(missing) : text;
}

class Work implements Rendering {
  readonly compiled: Compiled;
  readonly evaluator: Evaluator;
  readonly frames: Frames;

  constructor(compiled: Compiled, evaluator: Evaluator, frames: Frames) {
    this.compiled = compiled;
    this.evaluator = evaluator;
    this.frames = frames;
  }

  of(compiled: Compiled): Rendering {
    return new Work(compiled, this.evaluator, this.frames);
  }

  value(expression: Expression): Value {
    return evaluate(expression, this.evaluator, this.compiled.source);
  }

  filtered(filters: readonly FilterCall[], value: Value): Value {
    return filters.reduce<Value>((result, filter) => {
      const args = argumentsOf(filter.arguments, (part) => this.value(part));
      return this.evaluator.filter(filter.name, result, args);
    }, value);
  }

  text(nodes: readonly Node[]): string {
    const into = new Output(this.evaluator.budget);
    this.nodes(nodes, into);
    return into.text;
  }

  nodes(nodes: readonly Node[], into: Output): Jump {
    for (const node of nodes) {
      if (node.is === "text") into.add(node.text);
      else {
        const jump = this.#placed(node, into);
        if (jump !== undefined) return jump;
      }
    }
    return undefined;
  }

  #placed(node: Exclude<Node, { is: "text" }>, into: Output): Jump {
    try {
      this.evaluator.budget.spend();
      return this.#node(node, into);
    } catch (error) {
      throw evaluationError(this.compiled.source, node.at, error);
    }
  }

  #node(node: Exclude<Node, { is: "text" }>, into: Output): Jump {
    switch (node.is) {
      case "print":
        into.add(asText(this.value(node.value), this.evaluator));
        return undefined;
      case "if": {
        const branch = node.branches.find(({ condition }) => isTrue(this.value(condition)));
        return this.nodes(branch?.body ?? node.otherwise, into);
      }
      case "for":
        return renderFor(node, this, into);
      case "set":
        assign(node.target, this.value(node.value), this);
        return undefined;
      case "set block":
        assign(node.target, this.filtered(node.filters, this.#within(node.body)), this);
        return undefined;
      case "filter":
        into.add(asText(this.filtered(node.filters, this.#within(node.body)), this.evaluator));
        return undefined;
      case "with": {
        const values = node.bindings.map(([target, value]) => [target, this.value(value)] as const);
        return this.frames.within(() => {
          for (const [target, value] of values) assign(target, value, this);
          return this.nodes(node.body, into);
        });
      }
      case "macro":
        this.frames.set(node.macro.name, makeMacro(node.macro, this));
        return undefined;
      case "call": {
        const args = argumentsOf(node.arguments, (part) => this.value(part));
        const named = { ...args.named, caller: makeMacro(node.caller, this) };
        const result = callExpression(node.of, { ...args, named }, this.evaluator, this.compiled.source);
        into.add(asText(result, this.evaluator));
        return undefined;
      }
      case "include":
        renderInclude(node, this, into);
        return undefined;
      case "import":
        renderImport(node, this);
        return undefined;
      case "do":
        this.value(node.value);
        return undefined;
      case "break":
      case "continue":
        return node.is;
    }
  }

  /** The text of what stands within a statement that takes it up; what is set there ends with it. */
  #within(nodes: readonly Node[]): string {
    return this.frames.within(() => this.text(nodes));
  }
}
