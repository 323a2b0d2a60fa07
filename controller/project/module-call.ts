import { type CompiledValue, compileValue, templatePaths } from "../template/compiled-value.ts";
import { plainOf, type Written } from "../template/tagged.ts";
import { compileExpression } from "../template/template.ts";
import type { Json } from "../template/value.ts";
import type { ArgumentIssue } from "./argument-issues.ts";
import { checkWritten } from "./check-arguments.ts";
import { parseKeyValues } from "./key-values.ts";
import type { Defaults, ModuleDefaults } from "./module-defaults.ts";
import { bareOf, findModule, type ModuleName, schemaOf } from "./modules.ts";
import type { ModuleCall } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { nodeAt } from "./source-file.ts";
import { entryOf, nodeToJson, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/**
 * Reads a task's module with its arguments, `args:` beside it and the defaults that it has, the later of these weaker; checks
 * what can be checked before templates run.
 */
export function readModuleCall(
  reader: Reader,
  entry: YamlEntry,
  more: YamlEntry | undefined,
  moduleDefaults: ModuleDefaults,
): ModuleCall | undefined {
  const module = findModule(entry.key);
  if (module === undefined) return undefined;
  const short = reader.of(`${module.name} of ${reader.what}`);
  return readCall(short, entry, more, { ...module, defaults: moduleDefaults.get(module.name) });
}

type Called = DistributiveOmit<ModuleCall, "arguments">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The same for a module that is known. */
export function readCall(
  short: Reader,
  entry: YamlEntry,
  more: YamlEntry | undefined,
  { defaults, ...module }: Called & { defaults: Defaults | undefined },
): ModuleCall | undefined {
  const { value: node } = entry;
  const own = argumentsOf(short, node, module.name);
  if (own === undefined) return undefined;
  if (more !== undefined && more.value.is !== "mapping") return short.wrong(more, "a mapping of arguments");
  const nodes = more === undefined ? [node] : [node, more.value];
  const beside = more?.value.is === "mapping" ? more.value.entries : [];
  const whole: Written = {
    ...defaults?.written,
    ...Object.fromEntries(beside.map(({ key, value }) => [key, nodeToJson(value)])),
    ...own,
  };
  for (const issue of checkWritten(module.name, plainOf(whole), templatePaths(whole))) {
    short.problem(placeOfIssue(nodes, issue, entry.keyAt), issue.message, issue.hint);
  }
  const args = compileArguments(short, whole, nodes, defaults);
  if (args === undefined) return undefined;
  checkExpressions(short, module.name, args, nodes);
  return { ...module, arguments: args };
}

type Mapping = Readonly<Record<string, Written>>;

function argumentsOf(reader: Reader, node: YamlNode, name: ModuleName): Mapping | undefined {
  if (node.is === "mapping") return Object.fromEntries(node.entries.map(({ key, value }) => [key, nodeToJson(value)]));
  if (node.is === "list") return reader.problem(node.at, "its arguments must be a mapping, got a list");
  if (node.value === null) return {};
  const parsed = readArgumentLine(String(node.value), name);
  if (typeof parsed !== "string") return parsed;
  return reader.problem(
    node.at,
    `its arguments must be a mapping or name=value, got '${parsed}'`,
    "write the arguments below it, one a line",
  );
}

/** The arguments of one line, as in `command: uptime` and `debug: msg=hello`; the words that are none as text. */
export function readArgumentLine(line: string, name: ModuleName): Readonly<Record<string, Json>> | string {
  const bare = bareOf(name);
  const { values, rest } = parseKeyValues(line, Object.keys(schemaOf(name).shape), bare);
  if (rest === "") return values;
  return bare === undefined ? rest : { ...values, [bare]: rest };
}

/** Compiles the arguments; a mistake in a template is told for each text of its own. */
function compileArguments(
  reader: Reader,
  whole: Written,
  nodes: readonly YamlNode[],
  defaults: Defaults | undefined,
): CompiledValue | undefined {
  let isWhole = true;
  for (const node of nodes) isWhole = reader.texts(node) && isWhole;
  if (!isWhole) return undefined;
  return compileValue(whole, (path, offset) => {
    const node = nodes.find((each) => entryOf(each, String(path[0])) !== undefined);
    if (node === undefined && defaults !== undefined && Object.hasOwn(defaults.written, String(path[0])))
      return defaults.placeAt(path, offset);
    return node === undefined ? reader.file.place(nodes[0]?.at ?? 0) : reader.file.placeBelow(node, path, offset);
  });
}

/** An unknown key is told where it stands, a missing argument at the module's name, all else at the value. */
function placeOfIssue(nodes: readonly YamlNode[], { path, isKey }: ArgumentIssue, otherwise: number): number {
  const [first] = path;
  for (const node of nodes) {
    if (node.is === "scalar" && node.value !== null) return node.at;
    if (entryOf(node, String(first)) === undefined) continue;
    const last = path.at(-1);
    const entry = typeof last === "string" ? entryOf(nodeAt(node, path.slice(0, -1)), last) : undefined;
    return isKey === true && entry !== undefined ? entry.keyAt : nodeAt(node, path).at;
  }
  return otherwise;
}

/** The arguments that are expressions are compiled for their mistakes' sake. */
function checkExpressions(
  reader: Reader,
  name: ModuleName,
  { json: written }: CompiledValue,
  nodes: readonly YamlNode[],
): void {
  const argument = name === "assert" ? "that" : name === "debug" ? "var" : undefined;
  const json = plainOf(written);
  if (argument === undefined || typeof json !== "object" || json === null) return;
  const value = Object.entries(json).find(([key]) => key === argument)?.[1];
  for (const [index, text] of [value].flat().entries()) {
    if (typeof text !== "string") continue;
    const path = Array.isArray(value) ? [argument, index] : [argument];
    const node = nodes.find((each) => entryOf(each, argument) !== undefined);
    reader.compiled(() =>
      compileExpression(text, (offset) =>
        node === undefined ? reader.file.place(nodes[0]?.at ?? 0) : reader.file.placeBelow(node, path, offset),
      ),
    );
  }
}
