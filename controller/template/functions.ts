import type { CallArguments, Evaluation } from "./evaluation.ts";
import { takeWhole } from "./take.ts";
import { Refusal, type Value } from "./value.ts";

const mostRange = 1_000_000;

/** The few functions of Jinja that need no clock, chance, file or environment. */
export function callFunction(name: string, args: CallArguments, evaluation: Evaluation): Value {
  if (name === "range") return range(args, evaluation);
  if (name === "dict") return { ...args.named };
  if (name === "lookup" || name === "query" || name === "q") {
    throw new Refusal(
      `'${name}' reads outside the playbook, which templates cannot`,
      "give the value as a variable: -e name=value or -e @file",
    );
  }
  if (name === "now") throw new Refusal("templates have no clock", "give the time as a variable: -e now=…");
  throw new Refusal(
    `there is no function '${name}'`,
    "the functions are range and dict; a filter is written: value | filter",
  );
}

function range({ positional }: CallArguments, evaluation: Evaluation): number[] {
  const [first = 0, second, third = 1] = positional.map((value) => takeWhole(value, "a bound of 'range'"));
  const [from, to] = second === undefined ? [0, first] : [first, second];
  if (third === 0) throw new Refusal("'range' cannot go in steps of zero");
  const length = Math.max(0, Math.ceil((to - from) / third));
  if (length > mostRange) throw new Refusal(`'range' makes at most ${mostRange} numbers, not ${length}`);
  evaluation.budget.spend(length);
  return Array.from({ length }, (_, index) => from + index * third);
}
