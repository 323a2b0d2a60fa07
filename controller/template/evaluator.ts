import type { Budget } from "./budget.ts";
import type { CallArguments, Evaluator } from "./evaluation.ts";
import { filters } from "./filters/filters.ts";
import { Made } from "./made.ts";
import { whyUnknown } from "./refused.ts";
import type { Scope } from "./scope.ts";
import type { Frames } from "./statements/frames.ts";
import { onlyArguments } from "./take.ts";
import { tests } from "./tests.ts";
import { Refusal, Undefined, type Value } from "./value.ts";

/** What evaluates expressions in a scope; variables that statements set are nearer than the scope's. */
export function evaluatorIn(scope: Scope, budget: Budget, frames?: Frames): Evaluator {
  return new ScopeEvaluator(scope, budget, frames);
}

/** One is made for every template that is evaluated: making it must cost nothing. */
class ScopeEvaluator implements Evaluator {
  readonly scope: Scope;
  readonly budget: Budget;
  readonly frames: Frames | undefined;
  #made: Made | undefined;

  constructor(scope: Scope, budget: Budget, frames: Frames | undefined) {
    this.scope = scope;
    this.budget = budget;
    this.frames = frames;
  }

  get made(): Made {
    this.#made ??= new Made();
    return this.#made;
  }

  variable(name: string): Value {
    const value = this.frames?.get(name);
    if (value !== undefined) return value;
    if (this.frames?.isSealed !== true) return this.scope.lookup(name, this.budget);
    return new Undefined(`'${name}' is undefined: an import sees no variables`, "write {% import … with context %}");
  }

  filter(name: string, value: Value, args: CallArguments): Value {
    const filter = entry(filters, name, "filter", args);
    this.budget.spend();
    return filter.does(value, args, this);
  }

  test(name: string, value: Value, args: CallArguments): boolean {
    const test = entry(tests, name, "test", args);
    this.budget.spend();
    return test.holds(value, args, this);
  }
}

function entry<T extends { takes: readonly string[] | undefined }>(
  table: Readonly<Record<string, T>>,
  name: string,
  sort: "filter" | "test",
  args: CallArguments,
): T {
  const bare = name.slice(name.lastIndexOf(".") + 1);
  const found = Object.hasOwn(table, bare) ? table[bare] : undefined;
  if (found === undefined) {
    const { reason, hint } = whyUnknown(sort, bare, Object.keys(table));
    throw new Refusal(reason, hint);
  }
  if (found.takes !== undefined) onlyArguments(args, `'${name}'`, found.takes);
  return found;
}
