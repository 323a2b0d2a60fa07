import type { Evaluation } from "../evaluation.ts";
import { argument, defined, takeItems } from "../take.ts";
import type { Value } from "../value.ts";
import type { Filter, Filters } from "./filter.ts";
import { keyReader } from "./keys.ts";
import { Seen, uniqueItems } from "./seen.ts";

function sets(keeps: (first: readonly Value[], second: readonly Value[], evaluation: Evaluation) => Value[]): Filter {
  return {
    takes: ["other"],
    does: (value, args, evaluation) => {
      const second = takeItems(argument(args, 0, "other"), "the other list", evaluation);
      return keeps(takeItems(value, "the first list", evaluation), second, evaluation);
    },
  };
}

function without(first: readonly Value[], second: readonly Value[], { budget }: Evaluation): Value[] {
  const others = new Seen(budget, second);
  return uniqueItems(first, budget).filter((item) => !others.has(item));
}

/** Lists as sets; what comes out has the order of what went in. */
export const setFilters: Filters = {
  unique: {
    takes: ["case_sensitive", "attribute"],
    does: (value, args, evaluation) => {
      const key = keyReader(args, 1, 0);
      return uniqueItems(takeItems(value, "what is made unique", evaluation), evaluation.budget, (item) =>
        defined(key(item)),
      );
    },
  },
  union: sets((first, second, { budget }) => uniqueItems([...first, ...second], budget)),
  intersect: sets((first, second, { budget }) => {
    const others = new Seen(budget, second);
    return uniqueItems(first, budget).filter((item) => others.has(item));
  }),
  difference: sets(without),
  symmetric_difference: sets((first, second, evaluation) => [
    ...without(first, second, evaluation),
    ...without(second, first, evaluation),
  ]),
};
