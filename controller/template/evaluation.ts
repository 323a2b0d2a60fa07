import type { Budget } from "./budget.ts";
import type { Value } from "./value.ts";

/** What filters and tests may use of the evaluation that calls them. */
export interface Evaluation {
  readonly budget: Budget;
  /** Applies a filter by its name, as `map('upper')` does. */
  filter(name: string, value: Value, args: CallArguments): Value;
  /** Applies a test by its name, as `select('defined')` does. */
  test(name: string, value: Value, args: CallArguments): boolean;
}

/** Arguments of a filter, a test or a method, worked out. */
export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: Readonly<Record<string, Value>>;
}

export const noArguments: CallArguments = { positional: [], named: {} };
