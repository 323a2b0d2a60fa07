import { didYouMean } from "../template/suggest.ts";
import { readInheritable } from "./inherit.ts";
import { ignoredKeywords, laterForTasks, taskKeywords } from "./keywords.ts";
import { readLoop, readLoopControl } from "./loop.ts";
import { readModuleCall } from "./module-call.ts";
import { findModule, moduleNames } from "./modules.ts";
import type { Inheritable, Task } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { describeNode, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** One task with its module; undefined where it is wrong, with its mistakes told. */
export function readTask(outer: Reader, node: YamlNode, inherited: Inheritable): Task | undefined {
  if (node.is !== "mapping") return outer.problem(node.at, `a task must be a mapping, got ${describeNode(node)}`);
  const reader = outer.named("task", node);
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
    ...readInheritable(reader, keywords, inherited),
    is: "task" as const,
    place: reader.file.place(node.at),
    name: reader.template(keywords.get("name")),
    loop: readLoop(reader, keywords.get("loop")),
    loopControl: readLoopControl(reader, keywords.get("loop_control")),
    register: reader.identifier(keywords.get("register")),
    failedWhen: reader.expressions(keywords.get("failed_when")),
    changedWhen: reader.expressions(keywords.get("changed_when")),
    until: reader.expressions(keywords.get("until")),
    retries: reader.numberOrTemplate(keywords.get("retries"), 3),
    delay: reader.numberOrTemplate(keywords.get("delay"), 5),
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
    key === "become_user"
  );
}
