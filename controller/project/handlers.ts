import type { Context } from "./context.ts";
import type { Handler } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { readTask } from "./task.ts";
import { entryOf, type YamlEntry } from "./yaml-node.ts";

/** Handlers of a play or a role: tasks with names, or with topics that they listen to. */
export function readHandlers(reader: Reader, entry: YamlEntry | undefined, { inherited }: Context): Handler[] {
  if (entry === undefined || (entry.value.is === "scalar" && entry.value.value === null)) return [];
  if (entry.value.is !== "list") {
    reader.wrong(entry, "a list of handlers", "each handler begins with a dash");
    return [];
  }
  return entry.value.items.flatMap((node) => {
    const listens = entryOf(node, "listen");
    const rest = node.is === "mapping" ? { ...node, entries: node.entries.filter((each) => each !== listens) } : node;
    const task = readTask(reader, rest, inherited);
    const listen = reader.words(listens);
    if (task?.name === undefined && listen.length === 0)
      reader.problem(node.at, "a handler without a name or a topic is never notified", "give it a name");
    return task === undefined ? [] : [{ ...task, listen }];
  });
}
