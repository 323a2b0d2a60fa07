import { Budget } from "../budget.ts";
import { evaluatorIn } from "../evaluator.ts";
import { evaluationError } from "../problem.ts";
import type { Scope } from "../scope.ts";

import { toJson } from "../text.ts";
import type { Json } from "../value.ts";
import { findByLookup } from "./lookups.ts";

/** What a lookup finds for terms that are worked out, as `with_name:` asks. Throws `bad_template`, which names the place. */
export function findInScope(
  name: string,
  terms: readonly Json[],
  scope: Scope,
  placeOf: () => string | undefined,
): readonly Json[] {
  const budget = new Budget();
  try {
    return findByLookup(name, terms, {}, evaluatorIn(scope, budget)).map((each) => toJson(each, budget));
  } catch (error) {
    throw evaluationError({ text: `with_${name}`, placeOf }, 0, error);
  }
}
