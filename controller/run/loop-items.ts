import { FlashfleetError } from "../../shared/errors.ts";
import type { LoopControl, Task } from "../project/playbook.ts";
import { Budget } from "../template/budget.ts";
import type { Scope } from "../template/scope.ts";
import { pythonText } from "../template/text.ts";
import { excerpt, type Json, type Value } from "../template/value.ts";

/** What a task knows of the item that it is at. */
export type Near = Readonly<Record<string, Value>>;

/**
 * The items of a task's loop. Where they cannot be told, and the task is not to be done whatever the item, there are none, as
 * in Ansible: `skipped` is the condition that does not hold.
 */
export function itemsOf(
  { loop, when }: Pick<Task, "loop" | "when">,
  scope: Scope,
): { items: Json } | { skipped: string } {
  try {
    return { items: loop?.evaluate(scope) ?? [] };
  } catch (error) {
    for (const condition of when) {
      try {
        if (!condition.holds(scope)) return { skipped: condition.text };
      } catch {
        // It needs the item.
        throw error;
      }
    }
    throw error;
  }
}

/** The loop's own variables for one item: the item, its index, and `ansible_loop` where it is asked for. */
export function nearOf(
  { variable, index: counter, extended, allItems }: LoopControl,
  items: readonly Value[],
  index: number,
  scope: Scope,
): Near {
  const own = {
    [variable]: items[index] ?? null,
    ansible_loop_var: variable,
    ...(counter === undefined ? {} : { [counter]: index, ansible_index_var: counter }),
  };
  if (extended?.holds(scope) !== true) return own;
  const { length } = items;
  const ansible_loop = {
    ...(allItems?.holds(scope) === false ? {} : { allitems: items }),
    index: index + 1,
    index0: index,
    first: index === 0,
    last: index + 1 === length,
    length,
    revindex: length - index,
    revindex0: length - index - 1,
    ...(index === 0 ? {} : { previtem: items[index - 1] ?? null }),
    ...(index + 1 === length ? {} : { nextitem: items[index + 1] ?? null }),
  };
  return { ...own, ansible_loop };
}

export function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function noList(items: Json, place: string): FlashfleetError {
  return new FlashfleetError("bad_argument", `cannot loop over ${excerpt(items)}: it is no list`, {
    hint: "a mapping becomes one with '| dict2items', one value in brackets",
    place,
  });
}

/** An item as people read it, which is as Ansible prints it. */
export function labelOf(item: Value): string {
  return pythonText(item, new Budget());
}
