import type { CallArguments, Evaluation } from "../evaluation.ts";
import type { Value } from "../value.ts";

/** What `value.name(…)` does. */
export interface Method<Of> {
  /** The names of its arguments in their order; undefined where it takes any. */
  takes: readonly string[] | undefined;
  does(of: Of, args: CallArguments, evaluation: Evaluation): Value;
}

export type Methods<Of> = Readonly<Record<string, Method<Of>>>;
