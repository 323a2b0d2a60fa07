import { findModule } from "./modules.ts";
import type { Reader } from "./reader.ts";
import { entryOf, type YamlEntry, type YamlNode } from "./yaml-node.ts";

type Mapping = Extract<YamlNode, { is: "mapping" }>;

/** What a task's older forms, `action: module arguments` and `local_action:`, say in the usual one. */
export interface NamedModules {
  /** A module's name with its arguments each; more than one is a mistake. */
  modules: YamlEntry[];
  /** The entries that name them. */
  entries: YamlEntry[];
  /** `local_action` is `delegate_to: localhost`. */
  isLocal: boolean;
}

export function modulesOf(reader: Reader, node: Mapping): NamedModules {
  const plain = node.entries.filter(({ key }) => findModule(key) !== undefined);
  const older = node.entries.filter(({ key }) => key === "action" || key === "local_action");
  return {
    modules: [...plain, ...older.flatMap((entry) => written(reader, entry) ?? [])],
    entries: [...plain, ...older],
    isLocal: older.some(({ key }) => key === "local_action"),
  };
}

/** `action: copy src=a dest=/b`, or a mapping with `module`. */
function written(reader: Reader, entry: YamlEntry): YamlEntry | undefined {
  const { key, value } = entry;
  if (value.is === "mapping") {
    const named = entryOf(value, "module");
    const name = reader.text(named);
    if (named === undefined || name === undefined)
      return reader.wrong(entry, "a mapping with module", `${key}: { module: command, cmd: uptime }`);
    // As in Ansible the name may have arguments behind it.
    const [, module = "", rest = ""] = /^\s*(\S*)\s*([\s\S]*)$/.exec(name) ?? [];
    const entries = value.entries.filter((each) => each !== named);
    if (rest !== "" && entries.length > 0)
      return reader.problem(
        named.value.at,
        "arguments stand behind 'module' and below it",
        "write all of them below it",
      );
    return {
      key: module,
      keyAt: named.value.at,
      value: rest === "" ? { ...value, entries } : { ...named.value, is: "scalar", value: rest },
    };
  }
  const text = reader.text(entry);
  if (text === undefined || value.is !== "scalar") return undefined;
  const [, module = "", rest = ""] = /^\s*(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  return { key: module, keyAt: value.at, value: { ...value, value: rest === "" ? null : rest } };
}
