import { didYouMean } from "../template/suggest.ts";
import { ignoredKeywords, laterForTasks, taskKeywords } from "./keywords.ts";
import { readModuleCall } from "./module-call.ts";
import { findModule, moduleNames } from "./modules.ts";
import type { LoopControl, Task } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { describeNode, entryOf, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** The tasks of a play's list; those that are wrong are left out, their mistakes told. */
export function readTasks(reader: Reader, entry: YamlEntry | undefined): Task[] {
  if (entry === undefined || (entry.value.is === "scalar" && entry.value.value === null)) return [];
  if (entry.value.is !== "list") {
    reader.wrong(entry, "a list of tasks", "each task begins with a dash");
    return [];
  }
  return entry.value.items.flatMap((node) => readTask(reader, node) ?? []);
}

function readTask(play: Reader, node: YamlNode): Task | undefined {
  if (node.is !== "mapping") return play.problem(node.at, `a task must be a mapping, got ${describeNode(node)}`);
  const named = entryOf(node, "name")?.value;
  const reader = play.of(named?.is === "scalar" && named.value !== null ? `task '${named.value}'` : "the task");
  const modules = node.entries.filter(({ key }) => findModule(key) !== undefined);
  const rest = node.entries.filter((entry) => !modules.includes(entry));
  const keywords = reader.keywords(withoutStrangers(reader, rest, modules[0]), taskKeywords, laterForTasks);
  const [first, second] = modules;
  if (second !== undefined)
    reader.problem(second.keyAt, `it names two modules, '${first?.key}' and '${second.key}'`, "make a task of each");
  const isLater = rest.some(({ key }) => Object.hasOwn(laterForTasks, key) || !isKeyword(key));
  if (first === undefined && !isLater)
    reader.problem(node.at, "it names no module", `the modules are ${moduleNames.join(", ")}`);
  const module = first === undefined ? undefined : readModuleCall(reader, first, keywords.get("args"));
  const task = {
    is: "task" as const,
    place: reader.file.place(node.at),
    name: reader.template(keywords.get("name")),
    vars: reader.vars(keywords.get("vars")),
    tags: reader.words(keywords.get("tags")),
    when: reader.expressions(keywords.get("when")) ?? [],
    loop: readLoop(reader, keywords.get("loop")),
    loopControl: readLoopControl(reader, keywords.get("loop_control")),
    register: reader.identifier(keywords.get("register")),
    failedWhen: reader.expressions(keywords.get("failed_when")),
    changedWhen: reader.expressions(keywords.get("changed_when")),
    until: reader.expressions(keywords.get("until")),
    retries: reader.numberOrTemplate(keywords.get("retries"), 3),
    delay: reader.numberOrTemplate(keywords.get("delay"), 5),
    delegateTo: reader.template(keywords.get("delegate_to")),
    runOnce: reader.flag(keywords.get("run_once")),
    ignoreErrors: reader.flag(keywords.get("ignore_errors")),
    noLog: reader.flag(keywords.get("no_log")),
    checkMode: reader.flag(keywords.get("check_mode")),
    timeout: reader.number(keywords.get("timeout"), 0),
  };
  return module === undefined ? undefined : { ...task, module };
}

/** Tells the keys that are neither keywords nor modules; the rest goes on. */
function withoutStrangers(reader: Reader, entries: readonly YamlEntry[], module: YamlEntry | undefined): YamlEntry[] {
  return entries.filter(({ key, keyAt }) => {
    if (isKeyword(key) || Object.hasOwn(laterForTasks, key)) return true;
    const candidates = module === undefined ? [...moduleNames, ...taskKeywords] : taskKeywords;
    const what = module === undefined ? "neither a module nor a keyword" : "no keyword of a task";
    const hint =
      module === undefined
        ? `the modules are ${moduleNames.join(", ")}`
        : `arguments of ${module.key} stand below it, further to the right`;
    reader.problem(keyAt, `'${key}' is ${what}`, didYouMean(key, candidates) ?? hint);
    return false;
  });
}

function isKeyword(key: string): boolean {
  return (
    taskKeywords.some((each) => each === key) ||
    ignoredKeywords.has(key) ||
    key.startsWith("with_") ||
    ["become_user", "strategy"].includes(key)
  );
}

function readLoop(reader: Reader, entry: YamlEntry | undefined) {
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

function readLoopControl(task: Reader, entry: YamlEntry | undefined): LoopControl {
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
