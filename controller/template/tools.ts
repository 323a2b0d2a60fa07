import type { CallArguments, Evaluation } from "./evaluation.ts";
import { pairsOf } from "./pairs.ts";
import { takeText } from "./take.ts";
import { Namespace, Refusal, Tool, type Value } from "./value.ts";

/** `namespace(a=1)`: what a loop sets in it stays. */
export function namespace({ positional, named }: CallArguments, evaluation: Evaluation): Namespace {
  const pairs = positional.flatMap((each) => pairsOf(each, evaluation));
  return new Namespace(new Map([...pairs, ...Object.entries(named)]));
}

/** `cycler('a', 'b')`: `next()` takes one after the other, over and over. */
export function cycler({ positional }: CallArguments): Tool {
  if (positional.length === 0) throw new Refusal("'cycler' needs the values to take in turn");
  let index = 0;
  const current = () => positional[index] ?? null;
  const next = new Tool("'cycler.next'", new Map(), () => {
    const value = current();
    index = (index + 1) % positional.length;
    return value;
  });
  const reset = new Tool("'cycler.reset'", new Map(), () => {
    index = 0;
    return null;
  });
  const parts: Readonly<Record<string, () => Value>> = { current, next: () => next, reset: () => reset };
  return new Tool("a cycler", (name) => (Object.hasOwn(parts, name) ? parts[name]?.() : undefined));
}

/** `joiner(', ')`: nothing when it is called first, the separator from then on. */
export function joiner({ positional, named }: CallArguments): Tool {
  const separator = takeText(positional[0] ?? named.sep ?? ", ", "the separator");
  let isFirst = true;
  return new Tool("a joiner", new Map(), () => {
    const text = isFirst ? "" : separator;
    isFirst = false;
    return text;
  });
}
