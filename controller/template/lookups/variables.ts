import type { Evaluator } from "../evaluation.ts";
import { compileRegex, search } from "../regex/regex.ts";
import { defined, takeText } from "../take.ts";
import { Undefined, type Value } from "../value.ts";
import { type LookupOptions, type Lookups, option } from "./lookup.ts";

function valuesOf(terms: readonly Value[], options: LookupOptions, evaluator: Evaluator): Value[] {
  const otherwise = option(options, "default") ?? null;
  return terms.map((term) => {
    const value = evaluator.variable(takeText(term, "each term of 'vars'"));
    return value instanceof Undefined && otherwise !== null ? otherwise : defined(value);
  });
}

function names(terms: readonly Value[], { budget, scope }: Evaluator): string[] {
  const known = [...new Set(scope.names())];
  return terms.flatMap((term) => {
    const regex = compileRegex(takeText(term, "each term of 'varnames'"));
    return known.filter((name) => search(regex, name, 0, budget) !== undefined);
  });
}

/** Lookups of variables by names that are worked out. */
export const variableLookups: Lookups = {
  vars: { takes: ["default"], finds: valuesOf },
  varnames: { takes: [], finds: (terms, _, evaluator) => names(terms, evaluator) },
};
