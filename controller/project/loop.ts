import { findInScope } from "../template/lookups/in-scope.ts";
import { refusedLookup } from "../template/lookups/lookups.ts";
import { mayBeTemplate } from "../template/template.ts";
import type { Loop, LoopControl } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import type { YamlEntry } from "./yaml-node.ts";

export function isLoopKeyword(key: string): boolean {
  return key === "loop" || key.startsWith("with_");
}

/** `loop:` or one of `with_…:`, which names a lookup. */
export function readLoop(reader: Reader, entries: readonly YamlEntry[]): Loop | undefined {
  const [entry, second] = entries.filter(({ key }) => isLoopKeyword(key));
  if (entry === undefined) return undefined;
  if (second !== undefined) return reader.problem(second.keyAt, `'${entry.key}' and '${second.key}' are two loops`);
  if (entry.key !== "loop") return readWith(reader, entry);
  const { value } = entry;
  if (value.is === "list" || (value.is === "scalar" && typeof value.value === "string" && mayBeTemplate(value.value)))
    return reader.value(value);
  return reader.wrong(
    entry,
    "a list, or a template that gives one",
    'a variable is written "{{ name }}", a mapping "{{ name | dict2items }}"',
  );
}

function readWith(reader: Reader, { key, keyAt, value }: YamlEntry): Loop | undefined {
  const name = key.slice("with_".length);
  const refused = refusedLookup(name);
  if (refused !== undefined) return reader.problem(keyAt, `'${key}': ${refused.message}`, refused.hint ?? "use loop");
  const terms = reader.value(value);
  const placeOf = () => reader.file.place(value.at);
  return { evaluate: (scope) => findInScope(name, [terms.evaluate(scope)].flat(), scope, placeOf) };
}

/** Of a loop that says nothing of itself. */
export const plainLoop: LoopControl = {
  variable: "item",
  index: undefined,
  label: undefined,
  pause: undefined,
  extended: undefined,
  allItems: undefined,
};

export function readLoopControl(task: Reader, entry: YamlEntry | undefined): LoopControl {
  if (entry === undefined) return plainLoop;
  if (entry.value.is !== "mapping") return task.wrong(entry, "a mapping") ?? plainLoop;
  const later = { break_when: "use until" };
  const reader = task.of(`loop_control of ${task.what}`);
  const known = ["loop_var", "index_var", "label", "pause", "extended", "extended_allitems"];
  const found = reader.keywords(entry.value.entries, known, later);
  const label = found.get("label");
  const pause = found.get("pause");
  return {
    variable: reader.identifier(found.get("loop_var")) ?? "item",
    index: reader.identifier(found.get("index_var")),
    label: label === undefined ? undefined : reader.value(label.value),
    pause: pause === undefined ? undefined : reader.numberOrTemplate(pause, 0),
    extended: reader.flag(found.get("extended")),
    allItems: reader.flag(found.get("extended_allitems")),
  };
}
