import type { Branch } from "./branch.ts";
import type { Context } from "./context.ts";
import { isImport, readImport, readInclude } from "./include.ts";
import { readInheritable } from "./inherit.ts";
import { inheritableKeywords } from "./inheritable-keywords.ts";
import { laterForTasks } from "./keywords.ts";
import { type Include, type Item, type Meta, metaWords, type Task } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { readTask } from "./task.ts";
import { describeNode, entryOf, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** What stands in a list of tasks; what is wrong is left out, its mistakes told. */
export function readItems(reader: Reader, entry: YamlEntry | undefined, context: Context): Item[] {
  if (entry === undefined || (entry.value.is === "scalar" && entry.value.value === null)) return [];
  if (entry.value.is !== "list") {
    reader.wrong(entry, "a list of tasks", "each task begins with a dash");
    return [];
  }
  return entry.value.items.flatMap((node) => readItem(reader, node, context));
}

/** The items of a whole file of tasks. */
export function readItemsOf(reader: Reader, root: YamlNode, context: Context): Item[] {
  if (root.is === "scalar" && root.value === null) return [];
  if (root.is === "list") return root.items.flatMap((node) => readItem(reader, node, context));
  reader.problem(root.at, `a file of tasks is a list, got ${describeNode(root)}`, "begin each task with a dash");
  return [];
}

function readItem(reader: Reader, node: YamlNode, context: Context): readonly Item[] {
  if (node.is === "mapping") {
    if (entryOf(node, "block") !== undefined) return readBlock(reader, node, context);
    if (entryOf(node, "meta") !== undefined) return readMeta(reader, node, context);
    const include = node.entries.find(({ key }) => isImport(key));
    if (include !== undefined) {
      return include.key.startsWith("import_")
        ? readImport(reader, node, include, context)
        : readInclude(reader, node, include, context);
    }
  }
  const task = readTask(reader, node, context.inherited);
  return task === undefined ? [] : [task];
}

function readBlock(
  outer: Reader,
  node: Extract<YamlNode, { is: "mapping" }>,
  context: Context,
): Branch<Task | Include | Meta>[] {
  const reader = outer.named("block", node);
  const known = ["name", "block", "rescue", "always", ...inheritableKeywords];
  const keywords = reader.keywords(node.entries, known, laterForTasks);
  const below = { ...context, inherited: readInheritable(reader, keywords, context.inherited) };
  const part = (name: string) => readItems(reader, keywords.get(name), below);
  return [{ is: "block", tasks: part("block"), rescue: part("rescue"), always: part("always") }];
}

/** Metas of Ansible that are none here: what to write instead. */
const laterMetas: Readonly<Record<string, string>> = {
  refresh_inventory: "a run has the inventory that it began with: start another run behind it",
  end_role: "put the rest of the role into a block with when",
};

function readMeta(outer: Reader, node: Extract<YamlNode, { is: "mapping" }>, { inherited }: Context): Meta[] {
  const reader = outer.named("task", node);
  const keywords = reader.keywords(node.entries, ["name", "meta", ...inheritableKeywords], laterForTasks);
  const entry = keywords.get("meta");
  const written = reader.text(entry);
  const word = metaWords.find((each) => each === written);
  if (entry !== undefined && written !== undefined && word === undefined) {
    const later = Object.hasOwn(laterMetas, written) ? laterMetas[written] : undefined;
    reader.problem(entry.value.at, `there is no meta '${written}'`, later ?? `known: ${metaWords.join(", ")}`);
  }
  if (word === undefined) return [];
  const { when, vars, params, tags, role } = readInheritable(reader, keywords, inherited);
  return [{ is: "meta", place: reader.file.place(node.at), word, when, vars, params, tags, role }];
}
