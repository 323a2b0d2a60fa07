import type { CallArguments, Evaluation } from "../evaluation.ts";
import { SeededRandom } from "../random.ts";
import { argument, defined, takeItems, takeWhole } from "../take.ts";
import { Refusal, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

/** Steps that a seed costs: it is mixed into 624 words. */
const seedSteps = 1000;

function seeded(args: CallArguments, position: number, name: string, { budget }: Evaluation): SeededRandom {
  const seed = argument(args, position, "seed");
  if (seed === undefined || seed === null)
    throw new Refusal(
      `'${name}' without a seed is chance: the same run must be the same tomorrow`,
      `give it one: ${name}(seed=inventory_hostname)`,
    );
  budget.spend(seedSteps + (typeof seed === "string" ? seed.length ** 2 / 1000 : 0));
  return new SeededRandom(seed);
}

function random(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const source = seeded(args, 2, "random", evaluation);
  const [start, step] = [argument(args, 0, "start") ?? 0, argument(args, 1, "step") ?? 1];
  if (typeof defined(value) !== "number") {
    if (
      args.positional.length > 0 ||
      argument(args, 0, "start") !== undefined ||
      argument(args, 1, "step") !== undefined
    )
      throw new Refusal("'random' takes start and step for numbers only");
    const items = takeItems(value, "what 'random' chooses from", evaluation);
    if (items.length === 0) throw new Refusal("'random' has nothing to choose from");
    return items[source.below(items.length)] ?? null;
  }
  const [from, by, end] = [takeWhole(start, "start"), takeWhole(step, "step") || 1, takeWhole(value, "the end")];
  const count = Math.max(0, Math.ceil((end - from) / by));
  if (count === 0) throw new Refusal(`there is no number from ${from} up to below ${end}`);
  return from + by * source.below(count);
}

function shuffle(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const source = seeded(args, 0, "shuffle", evaluation);
  const items = [...takeItems(value, "what is shuffled", evaluation)];
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = source.below(last + 1);
    [items[last], items[chosen]] = [items[chosen] ?? null, items[last] ?? null];
  }
  return items;
}

/** Chance with a seed, which is none: the same every time. */
export const randomFilters: Filters = {
  random: { takes: ["start", "step", "seed"], does: random },
  shuffle: { takes: ["seed"], does: shuffle },
};
