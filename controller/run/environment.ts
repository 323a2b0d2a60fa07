import { FlashfleetError } from "../../shared/errors.ts";
import type { Task } from "../project/playbook.ts";
import { Budget } from "../template/budget.ts";
import type { Scope } from "../template/scope.ts";
import { renderText } from "../template/text.ts";
import type { Json } from "../template/value.ts";

/** The environment of a task's programs, from the outermost block to its own: the nearer wins. Throws `bad_argument`. */
export function environmentOf(
  { environment, place }: Pick<Task, "environment" | "place">,
  scope: Scope,
): Readonly<Record<string, string>> | undefined {
  const found: Record<string, string> = {};
  for (const part of environment) {
    for (const mapping of [part.evaluate(scope)].flat()) {
      if (mapping === null || mapping === "") continue;
      if (!isMapping(mapping)) {
        throw new FlashfleetError("bad_argument", "cannot use the environment of the task: it is no mapping", {
          hint: "environment: { NAME: value }",
          place,
        });
      }
      for (const [name, value] of Object.entries(mapping)) found[checked(name, place)] = asText(value);
    }
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

function isMapping(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As Ansible writes it: Python's own text. */
function asText(value: Json): string {
  return value === null ? "None" : renderText(value, new Budget());
}

function checked(name: string, place: string): string {
  if (name !== "" && !/[=\0]/.test(name)) return name;
  throw new FlashfleetError(
    "bad_argument",
    `cannot use the environment of the task: '${name}' is no name of a variable`,
    {
      hint: "environment: { NAME: value }",
      place,
    },
  );
}
