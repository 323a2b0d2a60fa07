import type { CallArguments, Evaluation, Evaluator } from "./evaluation.ts";
import { callLookup } from "./lookups/lookups.ts";
import { pairsOf } from "./pairs.ts";
import { refusedFunctions } from "./refused.ts";
import { argument, takeText, takeWhole } from "./take.ts";
import { cycler, joiner, namespace } from "./tools.ts";
import { Refusal, Undefined, type Value } from "./value.ts";

/** The functions that there are. */
export const functionNames = ["range", "dict", "undef", "namespace", "cycler", "joiner", "lookup", "query", "q"];
const mostRange = 1_000_000;

/** The functions of Jinja and Ansible that need no clock, chance or environment. */
export function callFunction(name: string, args: CallArguments, evaluator: Evaluator): Value {
  if (name === "range") return range(args, evaluator);
  if (name === "dict") return dict(args, evaluator);
  if (name === "undef") return undef(args);
  if (name === "namespace") return namespace(args, evaluator);
  if (name === "cycler") return cycler(args);
  if (name === "joiner") return joiner(args);
  if (name === "lookup") return callLookup(args.positional, args.named, evaluator);
  if (name === "query" || name === "q")
    return callLookup(args.positional, { ...args.named, wantlist: true }, evaluator);
  const refused = Object.hasOwn(refusedFunctions, name) ? refusedFunctions[name] : undefined;
  if (refused !== undefined) throw new Refusal(refused.reason, refused.hint);
  throw new Refusal(
    `there is no function '${name}'`,
    `the functions are ${functionNames.join(", ")}; a filter is written: value | filter`,
  );
}

/** A mapping of named values, over one of a mapping or of pairs. */
function dict({ positional, named }: CallArguments, evaluator: Evaluator): Value {
  if (positional.length > 1) throw new Refusal("'dict' takes one mapping or list of pairs, and named values");
  const pairs = positional.flatMap((each) => pairsOf(each, evaluator));
  return evaluator.made.mapping(Object.fromEntries([...pairs, ...Object.entries(named)]));
}

/** What is undefined on purpose: who uses a role must give it. */
function undef(args: CallArguments): Undefined {
  const hint = argument(args, 0, "hint");
  return new Undefined(hint === undefined || hint === null ? "it is undefined on purpose" : takeText(hint, "hint"));
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
