import type { CompiledValue } from "../template/compiled-value.ts";
import type { LoopControl } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import type { YamlEntry } from "./yaml-node.ts";

export function readLoop(reader: Reader, entry: YamlEntry | undefined): CompiledValue | undefined {
  if (entry === undefined) return undefined;
  const { value } = entry;
  if (value.is === "list" || (value.is === "scalar" && typeof value.value === "string" && value.value.includes("{{")))
    return reader.value(value);
  return reader.wrong(
    entry,
    "a list, or a template that gives one",
    'a variable is written "{{ name }}", a mapping "{{ name | dict2items }}"',
  );
}

export function readLoopControl(task: Reader, entry: YamlEntry | undefined): LoopControl {
  const nothing = { variable: "item", index: undefined, label: undefined };
  if (entry === undefined) return nothing;
  if (entry.value.is !== "mapping") return task.wrong(entry, "a mapping") ?? nothing;
  const later = {
    pause: "leave it out",
    extended: "use index_var",
    extended_allitems: "use index_var",
    break_when: "use until",
  };
  const reader = task.of(`loop_control of ${task.what}`);
  const found = reader.keywords(entry.value.entries, ["loop_var", "index_var", "label"], later);
  const label = found.get("label");
  return {
    variable: reader.identifier(found.get("loop_var")) ?? "item",
    index: reader.identifier(found.get("index_var")),
    label: label === undefined ? undefined : reader.value(label.value),
  };
}
