import { type ErrorData, FlashfleetError } from "../../shared/errors.ts";
import { didYouMean } from "../template/suggest.ts";
import { mayBeTemplate } from "../template/template.ts";
import { type Context, openFile } from "./context.ts";
import { readInheritable } from "./inherit.ts";
import { inheritableKeywords } from "./inheritable-keywords.ts";
import { laterForTasks } from "./keywords.ts";
import { isLoopKeyword, readLoop, readLoopControl } from "./loop.ts";
import { findFile, folderOf, joinPath } from "./paths.ts";
import type { Handler, Inheritable, Item, Role } from "./playbook.ts";
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
const argumentKeys = {
  tasks: ["file", "apply"],
  role: ["name", "apply", "public", "allow_duplicates", "rolespec_validate", ...partKeys],
} as const;

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
  /** Whether the tasks behind it see the role's variables. */
  isPublic: boolean;
}

/** The arguments of `include_tasks: file`, of `include_tasks: {file: …}` and of their kin. */
function readCall(reader: Reader, entry: YamlEntry, more: YamlEntry | undefined): Call | undefined {
  const sort = words[plainWord(entry.key)] ?? "tasks";
  const beside = more?.value.is === "mapping" ? more.value.entries : [];
  const isName = entry.value.is === "scalar" && entry.value.value !== null && sort === "tasks";
  if (entry.value.is !== "mapping" && !isName) {
    return reader.wrong(entry, sort === "tasks" ? "the name of a file" : "a mapping with the role's name");
  }
  const named = sort === "tasks" ? "file" : "name";
  const own = entry.value.is === "mapping" ? entry.value.entries : [{ ...entry, key: named }];
  const value: Mapping = { ...entry.value, is: "mapping", entries: [...own, ...beside] };
  for (const { key, keyAt } of value.entries) {
    const known: readonly string[] = argumentKeys[sort];
    if (!known.includes(key)) reader.problem(keyAt, `${entry.key} has no '${key}'`, didYouMean(key, known));
  }
  const target = entryOf(value, named);
  if (target === undefined) return reader.wrong(entry, `a mapping with ${named}`);
  const parts: Record<string, string> = {};
  for (const name of partKeys) {
    const part = reader.text(entryOf(value, name));
    if (part !== undefined) parts[name] = part;
  }
  const isPublic = reader.constantFlag(entryOf(value, "public")) === true;
  return { sort, target, apply: entryOf(value, "apply"), parts, isPublic };
}

/** import_tasks, import_role: they stand for what they name from the start, and hand their keywords down to it. */
export function readImport(outer: Reader, node: Mapping, entry: YamlEntry, context: Context): readonly Item[] {
  const reader = outer.named("task", node);
  const instead = `use ${entry.key.replace("import_", "include_")}`;
  const rest = node.entries.filter((each) => each !== entry);
  for (const { key, keyAt } of rest.filter((each) => isLoopKeyword(each.key)))
    reader.problem(keyAt, `'${key}' cannot stand on ${entry.key}`, instead);
  const keywords = reader.keywords(
    rest.filter(({ key }) => !isLoopKeyword(key)),
    ["name", "args", ...inheritableKeywords],
    laterForTasks,
  );
  const call = readCall(reader, entry, keywords.get("args"));
  const target = call && reader.text(call.target);
  if (call === undefined || target === undefined) return [];
  if (mayBeTemplate(target)) {
    reader.problem(
      call.target.value.at,
      "what is imported is read before any host is known, so its name can be no template",
      instead,
    );
    return [];
  }
  const below = { ...context, inherited: readInheritable(reader, keywords, context.inherited) };
  const read = readTarget(reader, call, target, below, call.target.value.at);
  if (read.role !== undefined) context.scene.roles.push(read.role);
  context.scene.handlers.push(...read.handlers);
  context.scene.expected?.push(...read.handlers);
  return read.items;
}

/** include_tasks, include_role: read where a host gets there; only their variables and `apply` go down. */
export function readInclude(outer: Reader, node: Mapping, entry: YamlEntry, context: Context): Item[] {
  const reader = outer.named("task", node);
  const rest = node.entries.filter((each) => each !== entry);
  const known = ["name", "loop", "loop_control", "register", "args", ...inheritableKeywords];
  const keywords = reader.keywords(
    rest.filter(({ key }) => !key.startsWith("with_")),
    known,
    laterForTasks,
  );
  const call = readCall(reader, entry, keywords.get("args"));
  const target = call && reader.template(call.target);
  const own = readInheritable(reader, keywords, context.inherited);
  if (call === undefined || target === undefined) return [];
  // What stands around it goes down, its own keywords do not; its variables are parameters of what it includes.
  const params = new Map([...own.params, ...variablesIn(keywords.get("vars"), own.vars)]);
  const down = readApply(reader, call.apply, { ...context.inherited, params });
  const at = call.target.value.at;
  const { scene } = context;
  const added = new Set<string>();
  const read = (path: string, vars: Inheritable["vars"]) => {
    const problems: ErrorData[] = [];
    const inherited = { ...down, params: new Map([...down.params, ...vars]) };
    const { items, handlers, role } = readTarget(
      new Reader(reader.file, reader.what, problems, reader.keyring),
      call,
      path,
      { ...context, inherited },
      at,
    );
    const [first] = problems;
    if (first === undefined) {
      if (role !== undefined && call.isPublic && !added.has(path)) scene.roles.push(role);
      if (!added.has(path)) scene.handlers.push(...handlers);
      added.add(path);
      return items;
    }
    const { place, hint, message } = first;
    throw new FlashfleetError("bad_playbook", message, { ...(place && { place }), ...(hint && { hint }) });
  };
  // A name that is none of a template is looked at now, for its mistakes' sake.
  if (!mayBeTemplate(target.text)) {
    const { handlers } = readTarget(reader, call, target.text, { ...context, inherited: down }, at);
    scene.expected?.push(...handlers);
  } else if (call.sort === "role") scene.expected = undefined;
  return [
    {
      ...own,
      is: "include",
      place: reader.file.place(node.at),
      name: reader.template(keywords.get("name")),
      word: plainWord(entry.key),
      target,
      loop: readLoop(reader, rest),
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

/** The variables that stand in an entry, as they were compiled with all others. */
function variablesIn(entry: YamlEntry | undefined, compiled: Inheritable["vars"]): Inheritable["vars"] {
  const names = new Set(entry?.value.is === "mapping" ? entry.value.entries.map(({ key }) => key) : []);
  return new Map([...compiled].filter(([name]) => names.has(name)));
}

interface Target {
  items: readonly Item[];
  handlers: readonly Handler[];
  role: Role | undefined;
}

function readTarget(reader: Reader, call: Call, target: string, context: Context, at: number): Target {
  if (call.sort === "tasks") return { items: readTaskFile(reader, target, context, at), handlers: [], role: undefined };
  const loaded = loadRole(reader, { name: target, parts: call.parts, at }, context);
  return { items: loaded?.tasks ?? [], handlers: loaded?.handlers ?? [], role: loaded?.role };
}

function readTaskFile(reader: Reader, path: string, context: Context, at: number): Item[] {
  const { files, folders, trail } = context;
  // Last the path that it may be already, as {{ role_path }} makes one.
  const candidates = [...folders, ""].map((folder) => joinPath(folder, path));
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
