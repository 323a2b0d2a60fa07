import { didYouMean } from "../template/suggest.ts";
import { compileTemplate } from "../template/template.ts";
import { readAsync } from "./async.ts";
import { hintForModule, isForeignModule } from "./foreign-modules.ts";
import { readInheritable } from "./inherit.ts";
import { fixedKeywords, ignoredKeywords, laterForTasks, taskKeywords } from "./keywords.ts";
import { isLoopKeyword, readLoop, readLoopControl } from "./loop.ts";
import { readModuleCall } from "./module-call.ts";
import { findModule, moduleNames } from "./modules.ts";
import type { Inheritable, Task } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { modulesOf } from "./task-module.ts";
import { describeNode, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** One task with its module; undefined where it is wrong, with its mistakes told. */
export function readTask(outer: Reader, node: YamlNode, inherited: Inheritable): Task | undefined {
  if (node.is !== "mapping") return outer.problem(node.at, `a task must be a mapping, got ${describeNode(node)}`);
  const reader = outer.named("task", node);
  const { modules, entries, isLocal } = modulesOf(reader, node);
  const rest = node.entries.filter((entry) => !entries.includes(entry));
  const [first, second] = modules;
  const known = withoutStrangers(reader, rest, first).filter(({ key }) => !key.startsWith("with_"));
  const keywords = reader.keywords(known, taskKeywords, laterForTasks);
  if (second !== undefined)
    reader.problem(second.keyAt, `it names two modules, '${first?.key}' and '${second.key}'`, "make a task of each");
  const isTold =
    entries.length > modules.length || rest.some(({ key }) => !isKeyword(key) || Object.hasOwn(laterForTasks, key));
  if (first === undefined && !isTold)
    reader.problem(node.at, "it names no module", `the modules are ${moduleNames.join(", ")}`);
  if (first !== undefined && findModule(first.key) === undefined) tellStranger(reader, first);
  const own = readInheritable(reader, keywords, inherited);
  const module =
    first === undefined ? undefined : readModuleCall(reader, first, keywords.get("args"), own.moduleDefaults);
  const task = {
    ...own,
    ...(isLocal ? { delegateTo: compileTemplate("localhost") } : {}),
    timeout: readAsync(reader, keywords) ?? own.timeout,
    is: "task" as const,
    place: reader.file.place(node.at),
    name: reader.template(keywords.get("name")),
    loop: readLoop(reader, rest),
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
  return entries.filter((entry) => {
    const { key, keyAt } = entry;
    if (isKeyword(key) || Object.hasOwn(laterForTasks, key)) return true;
    if (module === undefined) tellStranger(reader, entry);
    else {
      const hint = `arguments of ${module.key} stand below it, further to the right`;
      reader.problem(keyAt, `'${key}' is no keyword of a task`, didYouMean(key, taskKeywords) ?? hint);
    }
    return false;
  });
}

/** What stands where a module's name is expected. */
function tellStranger(reader: Reader, { key, keyAt }: YamlEntry): void {
  if (isForeignModule(key)) reader.problem(keyAt, `there is no module '${key}' here`, hintForModule(key));
  else {
    const hint = didYouMean(key, [...moduleNames, ...taskKeywords]) ?? `the modules are ${moduleNames.join(", ")}`;
    reader.problem(keyAt, `'${key}' is neither a module nor a keyword`, hint);
  }
}

function isKeyword(key: string): boolean {
  return (
    taskKeywords.some((each) => each === key) ||
    ignoredKeywords.has(key) ||
    Object.hasOwn(fixedKeywords, key) ||
    isLoopKeyword(key)
  );
}
