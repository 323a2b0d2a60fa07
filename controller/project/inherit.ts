import type { CompiledValue } from "../template/compiled-value.ts";
import type { CompiledExpression, Template } from "../template/template.ts";
import { mayBeTemplate } from "../template/template.ts";
import { readModuleDefaults } from "./module-defaults.ts";
import type { Inheritable } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import type { YamlEntry } from "./yaml-node.ts";

export const nothingInherited: Inheritable = {
  when: [],
  vars: new Map(),
  params: new Map(),
  tags: [],
  notify: [],
  delegateTo: undefined,
  runOnce: undefined,
  ignoreErrors: undefined,
  ignoreUnreachable: undefined,
  anyErrorsFatal: undefined,
  noLog: undefined,
  checkMode: undefined,
  diff: undefined,
  environment: [],
  moduleDefaults: new Map(),
  delegateFacts: undefined,
  timeout: undefined,
  throttle: undefined,
  role: undefined,
};

/** A part's own keywords over what it inherits: conditions, tags, notifications and environments add up, all else is replaced. */
export function readInheritable(
  reader: Reader,
  keywords: ReadonlyMap<string, YamlEntry>,
  from: Inheritable,
): Inheritable {
  const flag = (name: string, otherwise: CompiledExpression | undefined) =>
    reader.flag(keywords.get(name)) ?? otherwise;
  return {
    when: [...from.when, ...(reader.expressions(keywords.get("when")) ?? [])],
    vars: new Map([...from.vars, ...reader.vars(keywords.get("vars"))]),
    params: from.params,
    tags: [...new Set([...from.tags, ...reader.words(keywords.get("tags"))])],
    notify: [...from.notify, ...readNotify(reader, keywords.get("notify"))],
    delegateTo: reader.template(keywords.get("delegate_to")) ?? from.delegateTo,
    runOnce: flag("run_once", from.runOnce),
    ignoreErrors: flag("ignore_errors", from.ignoreErrors),
    ignoreUnreachable: flag("ignore_unreachable", from.ignoreUnreachable),
    anyErrorsFatal: flag("any_errors_fatal", from.anyErrorsFatal),
    noLog: flag("no_log", from.noLog),
    checkMode: flag("check_mode", from.checkMode),
    diff: flag("diff", from.diff),
    environment: [...from.environment, ...readEnvironment(reader, keywords.get("environment"))],
    moduleDefaults: readModuleDefaults(reader, keywords.get("module_defaults"), from.moduleDefaults),
    delegateFacts: flag("delegate_facts", from.delegateFacts),
    timeout: numberOf(reader, keywords.get("timeout")) ?? from.timeout,
    throttle: numberOf(reader, keywords.get("throttle")) ?? from.throttle,
    role: from.role,
  };
}

/** A name, or a list of names; a comma is a part of a name. */
function readNotify(reader: Reader, entry: YamlEntry | undefined): Template[] {
  if (entry === undefined) return [];
  const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
  return nodes.flatMap((value) => reader.template({ ...entry, value }) ?? []);
}

/** A mapping, a list of mappings, or a template that gives one. */
function readEnvironment(reader: Reader, entry: YamlEntry | undefined): CompiledValue[] {
  if (entry === undefined || (entry.value.is === "scalar" && entry.value.value === null)) return [];
  const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => {
    const isTemplate = node.is === "scalar" && typeof node.value === "string" && mayBeTemplate(node.value);
    if (node.is === "mapping" || isTemplate) return [reader.value(node)];
    reader.wrong({ ...entry, value: node }, "a mapping of names and values", "environment: { NAME: value }");
    return [];
  });
}

function numberOf(reader: Reader, entry: YamlEntry | undefined): CompiledValue | undefined {
  return entry === undefined ? undefined : reader.numberOrTemplate(entry, 0);
}
