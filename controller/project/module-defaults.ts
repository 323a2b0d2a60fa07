import { type PlaceAt, templatePaths } from "../template/compiled-value.ts";
import { plainOf, type Written } from "../template/tagged.ts";
import { checkWritten } from "./check-arguments.ts";
import { hintForModule } from "./foreign-modules.ts";
import { findModule, type ModuleName } from "./modules.ts";
import type { Reader } from "./reader.ts";
import { nodeToJson, type YamlEntry } from "./yaml-node.ts";

/** Arguments of a module that its tasks need not write. */
export interface Defaults {
  written: Readonly<Record<string, Written>>;
  placeAt: PlaceAt;
}

export type ModuleDefaults = ReadonlyMap<ModuleName, Defaults>;

/** `module_defaults`: those of a module that stand nearer replace the outer ones of the same module whole, as in Ansible. */
export function readModuleDefaults(reader: Reader, entry: YamlEntry | undefined, from: ModuleDefaults): ModuleDefaults {
  if (entry === undefined) return from;
  const found = new Map(from);
  const nodes = entry.value.is === "list" ? entry.value.items : [entry.value];
  for (const node of nodes) {
    if (node.is !== "mapping") {
      reader.wrong({ ...entry, value: node }, "a mapping of modules to their arguments");
      continue;
    }
    for (const { key, keyAt, value } of node.entries) {
      const module = findModule(key);
      if (module === undefined) tellStranger(reader, key, keyAt);
      else if (value.is === "mapping") {
        const written = Object.fromEntries(value.entries.map((each) => [each.key, nodeToJson(each.value)]));
        found.set(module.name, { written, placeAt: (path, offset) => reader.file.placeBelow(value, path, offset) });
        if (reader.texts(value)) check(reader, module.name, written, value.at);
      } else if (value.is === "scalar" && value.value === null) found.delete(module.name);
      else reader.wrong({ key, keyAt, value }, "a mapping of arguments");
    }
  }
  return found;
}

function tellStranger(reader: Reader, key: string, keyAt: number): void {
  if (key.startsWith("group/"))
    reader.problem(keyAt, `'${key}' is a group of modules, and groups are not supported`, "name each module by itself");
  else reader.problem(keyAt, `'${key}' is no module`, hintForModule(key));
}

/** What is missing may stand in the task; everything else is a mistake here. */
function check(reader: Reader, name: ModuleName, written: Defaults["written"], at: number): void {
  for (const { path, message, hint } of checkWritten(name, plainOf(written), templatePaths(written))) {
    const [first] = path;
    if (first !== undefined && Object.hasOwn(written, first)) reader.problem(at, `${name}: ${message}`, hint);
  }
}
