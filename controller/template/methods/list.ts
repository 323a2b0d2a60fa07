import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, takeFlag, takeItems, takeWhole } from "../take.ts";
import { compare, equal, Refusal, type Value } from "../value.ts";
import type { Method, Methods } from "./method.ts";

/** A method that changes its list: only of one that the template made itself. */
function changes(
  takes: readonly string[],
  name: string,
  does: (list: Value[], args: CallArguments, evaluation: Evaluation) => Value | undefined,
): Method<readonly Value[]> {
  return {
    takes,
    does: (of, args, evaluation) => {
      const list = evaluation.made.changeableList(of);
      if (list === undefined)
        throw new Refusal(
          `'${name}' would change a list that comes from elsewhere: variables are shared`,
          "make a new one: {% set list = list + [item] %}, or begin with {% set list = list | list %}",
        );
      return does(list, args, evaluation) ?? null;
    },
  };
}

const item = (args: CallArguments) => argument(args, 0, "item") ?? null;

function placeOf(list: readonly Value[], wanted: Value, { budget }: Evaluation): number {
  budget.spend(list.length);
  const index = list.findIndex((each) => equal(each, wanted));
  if (index < 0) throw new Refusal("the item is not in the list");
  return index;
}

/** Methods of Python's `list`. */
export const listMethods: Methods<readonly Value[]> = {
  index: { takes: ["item"], does: (of, args, evaluation) => placeOf(of, item(args), evaluation) },
  count: {
    takes: ["item"],
    does: (of, args, { budget }) => {
      budget.spend(of.length);
      return of.filter((each) => equal(each, item(args))).length;
    },
  },
  copy: {
    takes: [],
    does: (of, _, { budget, made }) => {
      budget.spend(of.length);
      return made.list([...of]);
    },
  },
  append: changes(["item"], "append", (list, args) => {
    list.push(item(args));
    return undefined;
  }),
  extend: changes(["items"], "extend", (list, args, evaluation) => {
    for (const each of [...takeItems(argument(args, 0, "items"), "items", evaluation)]) list.push(each);
    return undefined;
  }),
  insert: changes(["index", "item"], "insert", (list, args, { budget }) => {
    budget.spend(list.length >> 6);
    list.splice(takeWhole(argument(args, 0, "index"), "index"), 0, argument(args, 1, "item") ?? null);
    return undefined;
  }),
  pop: changes(["index"], "pop", (list, args, { budget }) => {
    budget.spend(list.length >> 6);
    const given = takeWhole(argument(args, 0, "index") ?? -1, "index");
    const index = given < 0 ? given + list.length : given;
    const [taken] = index < 0 ? [] : list.splice(index, 1);
    if (taken === undefined) throw new Refusal(`there is no item ${given}: the list has ${list.length}`);
    return taken;
  }),
  remove: changes(["item"], "remove", (list, args, evaluation) => {
    list.splice(placeOf(list, item(args), evaluation), 1);
    return undefined;
  }),
  clear: changes([], "clear", (list) => {
    list.length = 0;
    return undefined;
  }),
  reverse: changes([], "reverse", (list, _, { budget }) => {
    budget.spend(list.length);
    list.reverse();
    return undefined;
  }),
  sort: changes(["reverse"], "sort", (list, args, { budget }) => {
    budget.spend(list.length * Math.ceil(Math.log2(list.length + 1)));
    const sign = takeFlag(argument(args, 0, "reverse"), false) ? -1 : 1;
    list.sort((a, b) => sign * compare(a, b));
    return undefined;
  }),
};
