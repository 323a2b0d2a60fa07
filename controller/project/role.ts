import { didYouMean } from "../template/suggest.ts";
import { type Context, openFile } from "./context.ts";
import { readHandlers } from "./handlers.ts";
import { readInheritable } from "./inherit.ts";
import { inheritableKeywords } from "./inheritable-keywords.ts";
import { fixedKeywords, ignoredKeywords, laterForTasks } from "./keywords.ts";
import { findFile, joinPath } from "./paths.ts";
import type { Handler, Item, Role, VariableMap } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { describeNode, entryOf, nodeToJson, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** Other files than main of a role: tasks_from, vars_from, defaults_from, handlers_from. */
export type RoleParts = Readonly<Record<string, string>>;

export interface LoadedRole {
  role: Role;
  tasks: Item[];
  handlers: Handler[];
  /** allow_duplicates. */
  isRepeatable: boolean;
}

interface RoleCall {
  name: string;
  parts: RoleParts;
  /** Where it is named. */
  at: number;
}

/** A role with those that it depends on before it; undefined where there is none, with the mistake told. */
export function loadRole(reader: Reader, { name, parts, at }: RoleCall, context: Context): LoadedRole | undefined {
  const { files, playbookFolder, trail } = context;
  const homes = [...new Set([joinPath(playbookFolder, "roles"), "roles", playbookFolder])];
  const folder = homes
    .map((home) => joinPath(home, name))
    .find((each) => Object.keys(files).some((path) => path.startsWith(`${each}/`)));
  if (folder === undefined) {
    const known = new Set(Object.keys(files).flatMap((path) => /(?:^|\/)roles\/([^/]+)\//.exec(path)?.[1] ?? []));
    const hint = didYouMean(name, [...known]) ?? `looked in ${homes.map((home) => home || ".").join(", ")}`;
    return reader.problem(at, `there is no role '${name}'`, hint);
  }
  if (trail.includes(folder)) {
    return reader.problem(at, `the role '${name}' needs itself: ${[...trail, folder].join(" → ")}`);
  }
  const open = (part: string, file: string) => {
    const path = findFile(
      files,
      [`${file}.yml`, `${file}.yaml`, file].map((each) => `${folder}/${part}/${each}`),
    );
    if (path === undefined && file !== "main") reader.problem(at, `the role '${name}' has no ${part}/${file}.yml`);
    return path === undefined ? undefined : openFile(reader, files, path);
  };
  const variables = (part: string, file: string): VariableMap => {
    const opened = open(part, file);
    if (opened === undefined) return new Map();
    return opened.reader.vars({ key: part, keyAt: opened.root.at, value: opened.root });
  };
  // As in Ansible it sees what the roles around it have, and then what those that it needs have.
  const around = context.inherited.role;
  const own = {
    name,
    folder,
    defaults: variables("defaults", parts.defaults_from ?? "main"),
    vars: variables("vars", parts.vars_from ?? "main"),
  };
  const below = { ...context, folders: [`${folder}/tasks`, folder, playbookFolder], trail: [...trail, folder] };
  const meta = open("meta", "main");
  const first: Role = {
    ...own,
    defaults: new Map([...(around?.defaults ?? []), ...own.defaults]),
    vars: new Map([...(around?.vars ?? []), ...own.vars]),
    needs: [],
  };
  const needed =
    meta === undefined
      ? []
      : readDependencies(meta.reader, meta.root, { ...below, inherited: { ...context.inherited, role: first } });
  const of = (part: "defaults" | "vars") => needed.flatMap(({ role: each }) => [...each[part]]);
  const role: Role = {
    ...own,
    defaults: new Map([...(around?.defaults ?? []), ...of("defaults"), ...own.defaults]),
    vars: new Map([...(around?.vars ?? []), ...of("vars"), ...own.vars]),
    needs: needed.flatMap((each) => [...each.role.needs, each.role.name]),
  };
  const inside = { ...below, inherited: { ...context.inherited, role } };
  const tasks = open("tasks", parts.tasks_from ?? "main");
  const handlers = open("handlers", parts.handlers_from ?? "main");
  const repeats = meta === undefined ? undefined : entryOf(meta.root, "allow_duplicates");
  return {
    role,
    isRepeatable: meta?.reader.constantFlag(repeats) === true,
    tasks: [
      ...needed.flatMap((each) => each.tasks),
      ...(tasks === undefined ? [] : context.readItems(tasks.reader, tasks.root, inside)),
    ],
    handlers: [
      ...needed.flatMap((each) => each.handlers),
      ...(handlers === undefined
        ? []
        : readHandlers(
            handlers.reader,
            { key: "handlers", keyAt: handlers.root.at, value: handlers.root },
            { ...inside, folders: [`${folder}/handlers`, folder, playbookFolder] },
          )),
    ],
  };
}

function readDependencies(reader: Reader, root: YamlNode, context: Context): LoadedRole[] {
  const entry = entryOf(root, "dependencies");
  return entry === undefined ? [] : readRoles(reader, entry, context);
}

/** `roles:` of a play, and what a role depends on: names, or mappings with the role's name and keywords for its tasks. */
export function readRoles(reader: Reader, entry: YamlEntry | undefined, context: Context): LoadedRole[] {
  if (entry === undefined || (entry.value.is === "scalar" && entry.value.value === null)) return [];
  if (entry.value.is !== "list") {
    reader.wrong(entry, "a list of roles");
    return [];
  }
  return entry.value.items.flatMap((node) => {
    const call = JSON.stringify(nodeToJson(node));
    const again = context.roles.has(call);
    context.roles.add(call);
    const loaded = readRoleCall(reader, node, context);
    return loaded === undefined || (again && !loaded.isRepeatable) ? [] : [loaded];
  });
}

function readRoleCall(reader: Reader, node: YamlNode, context: Context): LoadedRole | undefined {
  if (node.is === "scalar" && typeof node.value === "string")
    return loadRole(reader, { name: node.value, parts: {}, at: node.at }, context);
  if (node.is !== "mapping") return reader.problem(node.at, `a role is a name or a mapping, got ${describeNode(node)}`);
  const named = entryOf(node, "role") ?? entryOf(node, "name");
  const name = reader.text(named);
  if (named === undefined || name === undefined) return reader.problem(node.at, "a role needs its name", "role: name");
  const keywordNames: readonly string[] = inheritableKeywords;
  const own = node.entries.filter(({ key }) => keywordNames.includes(key) || isWithoutEffect(key));
  // All other keys are parameters: variables of the role's tasks.
  const parameters = node.entries.filter(
    ({ key }) => !keywordNames.includes(key) && !["role", "name"].includes(key) && !isWithoutEffect(key),
  );
  const keywords = reader.of(`the role '${name}'`).keywords(own, inheritableKeywords, laterForTasks);
  const inherited = readInheritable(reader, keywords, context.inherited);
  const vars = reader.vars({ key: "vars", keyAt: node.at, value: { ...node, entries: parameters } });
  return loadRole(
    reader,
    { name, parts: {}, at: named.value.at },
    { ...context, inherited: { ...inherited, params: new Map([...inherited.params, ...vars]) } },
  );
}

function isWithoutEffect(key: string): boolean {
  return ignoredKeywords.has(key) || Object.hasOwn(fixedKeywords, key) || Object.hasOwn(laterForTasks, key);
}
