import type { CallArguments, Evaluation } from "../evaluation.ts";
import { defined } from "../take.ts";
import type { Value } from "../value.ts";

/** What `value is name(…)` asks. */
export interface Test {
  /** The names of its arguments in their order; undefined where it takes any. */
  takes: readonly string[] | undefined;
  holds(value: Value, args: CallArguments, evaluation: Evaluation): boolean;
}

export type Tests = Readonly<Record<string, Test>>;

/** A test without arguments, on a value that must be there. */
export function plain(holds: (value: Value) => boolean): Test {
  return { takes: [], holds: (value) => holds(defined(value)) };
}
