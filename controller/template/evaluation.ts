import type { Budget } from "./budget.ts";
import type { Made } from "./made.ts";
import type { Scope } from "./scope.ts";
import type { Frames } from "./statements/frames.ts";
import type { Value } from "./value.ts";

/** What filters and tests may use of the evaluation that calls them. */
export interface Evaluation {
  readonly budget: Budget;
  /** What this evaluation made itself, and may change in place. */
  readonly made: Made;
  /** Applies a filter by its name, as `map('upper')` does. */
  filter(name: string, value: Value, args: CallArguments): Value;
  /** Applies a test by its name, as `select('defined')` does. */
  test(name: string, value: Value, args: CallArguments): boolean;
}

/** An evaluation that also knows the variables and the project's files. */
export interface Evaluator extends Evaluation {
  /** A variable's value, or what stands for it where there is none. */
  variable(name: string): Value;
  /** Where variables and files come from. */
  readonly scope: Scope;
  /** What statements have set; undefined where there are none. */
  readonly frames: Frames | undefined;
}

/** Arguments of a filter, a test or a method, worked out. */
export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: Readonly<Record<string, Value>>;
}

export const noArguments: CallArguments = { positional: [], named: {} };
