import { type ErrorData, FlashfleetError } from "../../shared/errors.ts";
import { didYouMean } from "../template/suggest.ts";
import { type Context, findFile, folderOf, joinPath, openFile } from "./context.ts";
import { nothingInherited, readInheritable } from "./inherit.ts";
import { inheritableKeywords } from "./inheritable-keywords.ts";
import { laterForTasks } from "./keywords.ts";
import { readLoop, readLoopControl } from "./loop.ts";
import type { Inheritable, Item } from "./playbook.ts";
import { Reader } from "./reader.ts";
import { loadRole, type RoleParts } from "./role.ts";
import { entryOf, type YamlEntry, type YamlNode } from "./yaml-node.ts";

type Mapping = Extract<YamlNode, { is: "mapping" }>;

/** Where the words of another module lead: to a file of tasks, or to a role. */
const words: Readonly<Record<string, "tasks" | "role">> = {
  import_tasks: "tasks",
  include_tasks: "tasks",
  import_role: "role",
  include_role: "role",
};

const partKeys = ["tasks_from", "vars_from", "defaults_from", "handlers_from"] as const;
const argumentKeys = { tasks: ["file", "apply"], role: ["name", "apply", "public", ...partKeys] } as const;

function plainWord(key: string): string {
  return key.replace(/^ansible\.(builtin|legacy)\./, "");
}

export function isImport(key: string): boolean {
  return Object.hasOwn(words, plainWord(key));
}

interface Call {
  sort: "tasks" | "role";
  /** The file or the role. */
  target: YamlEntry;
  apply: YamlEntry | undefined;
  parts: RoleParts;
}

/** The arguments of `include_tasks: file`, of `include_tasks: {file: …}` and of their kin. */
function readCall(reader: Reader, entry: YamlEntry): Call | undefined {
  const sort = words[plainWord(entry.key)] ?? "tasks";
  if (entry.value.is === "scalar" && sort === "tasks") return { sort, target: entry, apply: undefined, parts: {} };
  if (entry.value.is !== "mapping") {
    return reader.wrong(entry, sort === "tasks" ? "the name of a file" : "a mapping with the role's name");
  }
  for (const { key, keyAt } of entry.value.entries) {
    const known: readonly string[] = argumentKeys[sort];
    if (!known.includes(key)) reader.problem(keyAt, `${entry.key} has no '${key}'`, didYouMean(key, known));
  }
  const target = entryOf(entry.value, sort === "tasks" ? "file" : "name");
  if (target === undefined) return reader.wrong(entry, `a mapping with ${sort === "tasks" ? "file" : "name"}`);
  const { value } = entry;
  const parts: Record<string, string> = {};
  for (const name of partKeys) {
    const part = reader.text(entryOf(value, name));
    if (part !== undefined) parts[name] = part;
  }
  return { sort, target, apply: entryOf(value, "apply"), parts };
}

/** import_tasks, import_role: they stand for what they name from the start, and hand their keywords down to it. */
export function readImport(outer: Reader, node: Mapping, entry: YamlEntry, context: Context): Item[] {
  const reader = outer.named("task", node);
  const rest = node.entries.filter((each) => each !== entry);
  const keywords = reader.keywords(rest, ["name", ...inheritableKeywords], {
    ...laterForTasks,
    loop: `use ${entry.key.replace("import_", "include_")}`,
  });
  const call = readCall(reader, entry);
  const target = call && reader.text(call.target);
  if (call === undefined || target === undefined) return [];
  if (target.includes("{{")) {
    reader.problem(
      call.target.value.at,
      "what is imported is read before any host is known, so its name can be no template",
      `use ${entry.key.replace("import_", "include_")}`,
    );
    return [];
  }
  const below = { ...context, inherited: readInheritable(reader, keywords, context.inherited) };
  return readTarget(reader, call, target, below, call.target.value.at);
}

/** include_tasks, include_role: read where a host gets there; only their variables and `apply` go down. */
export function readInclude(outer: Reader, node: Mapping, entry: YamlEntry, context: Context): Item[] {
  const reader = outer.named("task", node);
  const rest = node.entries.filter((each) => each !== entry);
  const known = ["name", "loop", "loop_control", ...inheritableKeywords];
  const keywords = reader.keywords(rest, known, laterForTasks);
  const call = readCall(reader, entry);
  const target = call && reader.template(call.target);
  const own = readInheritable(reader, keywords, context.inherited);
  if (call === undefined || target === undefined) return [];
  const down = readApply(reader, call.apply, { ...nothingInherited, vars: own.vars, role: own.role });
  const at = call.target.value.at;
  const read = (path: string, vars: Inheritable["vars"]) => {
    const problems: ErrorData[] = [];
    const inherited = { ...down, vars: new Map([...down.vars, ...vars]) };
    const items = readTarget(
      new Reader(reader.file, reader.what, problems, reader.keyring),
      call,
      path,
      { ...context, inherited },
      at,
    );
    const [first] = problems;
    if (first === undefined) return items;
    const { place, hint, message } = first;
    throw new FlashfleetError("bad_playbook", message, { ...(place && { place }), ...(hint && { hint }) });
  };
  // A name that is none of a template is looked at now, for its mistakes' sake.
  if (!target.text.includes("{{")) readTarget(reader, call, target.text, { ...context, inherited: down }, at);
  return [
    {
      ...own,
      is: "include",
      place: reader.file.place(node.at),
      name: reader.template(keywords.get("name")),
      word: plainWord(entry.key),
      target,
      loop: readLoop(reader, keywords.get("loop")),
      loopControl: readLoopControl(reader, keywords.get("loop_control")),
      read,
    },
  ];
}

function readApply(reader: Reader, entry: YamlEntry | undefined, from: Inheritable): Inheritable {
  if (entry === undefined) return from;
  if (entry.value.is !== "mapping") return reader.wrong(entry, "a mapping of keywords") ?? from;
  const keywords = reader
    .of(`apply of ${reader.what}`)
    .keywords(entry.value.entries, inheritableKeywords, laterForTasks);
  return readInheritable(reader, keywords, from);
}

function readTarget(reader: Reader, call: Call, target: string, context: Context, at: number): Item[] {
  return call.sort === "tasks"
    ? readTaskFile(reader, target, context, at)
    : (loadRole(reader, { name: target, parts: call.parts, at }, context)?.tasks ?? []);
}

function readTaskFile(reader: Reader, path: string, context: Context, at: number): Item[] {
  const { files, folders, trail } = context;
  const candidates = folders.map((folder) => joinPath(folder, path));
  const found = findFile(files, candidates);
  if (found === undefined) {
    reader.problem(
      at,
      `there is no file '${path}'`,
      didYouMean(path, Object.keys(files)) ?? `looked for ${[...new Set(candidates)].join(", ")}`,
    );
    return [];
  }
  if (trail.includes(found)) {
    reader.problem(at, `'${found}' includes itself: ${[...trail, found].join(" → ")}`);
    return [];
  }
  const opened = openFile(reader, files, found);
  if (opened === undefined) return [];
  const folder = folderOf(found);
  return context.readItems(opened.reader, opened.root, {
    ...context,
    folders: [folder, ...folders.filter((each) => each !== folder)],
    trail: [...trail, found],
  });
}
