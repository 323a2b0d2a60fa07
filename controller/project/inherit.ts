import type { CompiledExpression, Template } from "../template/template.ts";
import type { Inheritable } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import type { YamlEntry } from "./yaml-node.ts";

export const nothingInherited: Inheritable = {
  when: [],
  vars: new Map(),
  tags: [],
  notify: [],
  delegateTo: undefined,
  runOnce: undefined,
  ignoreErrors: undefined,
  ignoreUnreachable: undefined,
  anyErrorsFatal: undefined,
  noLog: undefined,
  checkMode: undefined,
  timeout: undefined,
  throttle: undefined,
  role: undefined,
};

/** A part's own keywords over what it inherits: conditions, tags and notifications add up, all else is replaced. */
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
    tags: [...new Set([...from.tags, ...reader.words(keywords.get("tags"))])],
    notify: [...from.notify, ...readNotify(reader, keywords.get("notify"))],
    delegateTo: reader.template(keywords.get("delegate_to")) ?? from.delegateTo,
    runOnce: flag("run_once", from.runOnce),
    ignoreErrors: flag("ignore_errors", from.ignoreErrors),
    ignoreUnreachable: flag("ignore_unreachable", from.ignoreUnreachable),
    anyErrorsFatal: flag("any_errors_fatal", from.anyErrorsFatal),
    noLog: flag("no_log", from.noLog),
    checkMode: flag("check_mode", from.checkMode),
    timeout: reader.number(keywords.get("timeout"), 0) ?? from.timeout,
    throttle: reader.number(keywords.get("throttle"), 0) ?? from.throttle,
    role: from.role,
  };
}

/** A name, or a list of names; a comma is a part of a name. */
function readNotify(reader: Reader, entry: YamlEntry | undefined): Template[] {
  if (entry === undefined) return [];
  const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
  return nodes.flatMap((value) => reader.template({ ...entry, value }) ?? []);
}
