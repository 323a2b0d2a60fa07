import type { CallArguments, Evaluation } from "../evaluation.ts";
import { pairsOf } from "../pairs.ts";
import { argument, takeText } from "../take.ts";
import { entriesOf } from "../text.ts";
import { LazyMap, type Mapping, own, Refusal, type Value } from "../value.ts";
import type { Method, Methods } from "./method.ts";

type Either = Mapping | LazyMap;

const text = (args: CallArguments) => takeText(argument(args, 0, "key"), "key");

function entry(of: Either, key: string): Value | undefined {
  return of instanceof LazyMap ? of.get(key) : own(of, key);
}

/** Sets an entry; never a prototype's. */
function put(mapping: Record<string, Value>, key: string, value: Value): void {
  Object.defineProperty(mapping, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A method that changes its mapping: only of one that the template made itself. */
function changes(
  takes: readonly string[] | undefined,
  name: string,
  does: (mapping: Record<string, Value>, args: CallArguments, evaluation: Evaluation) => Value | undefined,
): Method<Either> {
  return {
    takes,
    does: (of, args, evaluation) => {
      const mapping = evaluation.made.changeableMapping(of);
      if (mapping === undefined)
        throw new Refusal(
          `'${name}' would change a mapping that comes from elsewhere: variables are shared`,
          "make a new one: {% set mapping = mapping | combine({key: value}) %}, or begin with {% set mapping = mapping.copy() %}",
        );
      return does(mapping, args, evaluation) ?? null;
    },
  };
}

/** Methods of Python's `dict`. */
export const mappingMethods: Methods<Either> = {
  items: { takes: [], does: (of) => entriesOf(of) },
  keys: { takes: [], does: (of) => (of instanceof LazyMap ? [...of.keys()] : Object.keys(of)) },
  values: { takes: [], does: (of) => entriesOf(of).map(([, value]) => value) },
  get: {
    takes: ["key", "default"],
    does: (of, args) => entry(of, text(args)) ?? argument(args, 1, "default") ?? null,
  },
  copy: {
    takes: [],
    does: (of, _, { budget, made }) => {
      const entries = entriesOf(of);
      budget.spend(entries.length);
      return made.mapping(Object.fromEntries(entries));
    },
  },
  update: changes(undefined, "update", (mapping, { positional, named }, evaluation) => {
    for (const [key, value] of [...positional.flatMap((each) => pairsOf(each, evaluation)), ...Object.entries(named)])
      put(mapping, key, value);
    return undefined;
  }),
  setdefault: changes(["key", "default"], "setdefault", (mapping, args) => {
    const key = text(args);
    if (own(mapping, key) === undefined) put(mapping, key, argument(args, 1, "default") ?? null);
    return own(mapping, key);
  }),
  pop: changes(["key", "default"], "pop", (mapping, args) => {
    const key = text(args);
    const taken = own(mapping, key) ?? argument(args, 1, "default");
    if (taken === undefined) throw new Refusal(`there is no '${key}' in the mapping`);
    delete mapping[key];
    return taken;
  }),
  clear: changes([], "clear", (mapping) => {
    for (const key of Object.keys(mapping)) delete mapping[key];
    return undefined;
  }),
};
