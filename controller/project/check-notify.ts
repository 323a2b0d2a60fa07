import { didYouMean } from "../template/suggest.ts";
import { mayBeTemplate } from "../template/template.ts";
import type { Handler, Item } from "./playbook.ts";
import type { Reader } from "./reader.ts";

/** Tells each notify that names neither a handler nor a topic; names that are templates show when they are used. */
export function checkNotify(reader: Reader, items: readonly Item[], handlers: readonly Handler[]): void {
  const known = new Set(handlers.flatMap(namesOf));
  const hasTemplate = [...known].some(mayBeTemplate);
  for (const item of [...tasksIn(items), ...handlers]) {
    for (const { text } of item.is === "meta" ? [] : item.notify) {
      if (known.has(text) || mayBeTemplate(text) || hasTemplate) continue;
      reader.problems([
        {
          code: "bad_playbook",
          message: `cannot read ${reader.what}: '${text}' is notified, and no handler has that name or topic`,
          hint: didYouMean(text, [...known]) ?? "write the handler below handlers",
          place: item.place,
        },
      ]);
    }
  }
}

function namesOf({ name, listen, role }: Handler): string[] {
  const own = name === undefined ? [] : [name.text];
  return [...own, ...(role === undefined ? [] : own.map((each) => `${role.name} : ${each}`)), ...listen];
}

/** What stands in a list of tasks, that of its blocks too. */
export function tasksIn(items: readonly Item[]): Exclude<Item, { is: "block" }>[] {
  return items.flatMap((item) =>
    item.is === "block" ? [...item.tasks, ...item.rescue, ...item.always].flatMap((each) => tasksIn([each])) : [item],
  );
}
