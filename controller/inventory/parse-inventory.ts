import type { ErrorData } from "../../shared/errors.ts";
import { InventoryBuilder } from "./builder.ts";
import { expandHosts } from "./host-ranges.ts";
import { readIniInventory } from "./ini-inventory.ts";
import type { Inventory } from "./inventory.ts";
import type { VariableSet } from "./variable-set.ts";
import { readVariables, readYamlInventory } from "./yaml-inventory.ts";

export interface InventoryFiles {
  /** Text by path, with `/` between its parts. */
  files: Readonly<Record<string, string>>;
  /** What `-i` names: a file, a folder, or hosts with commas between them; the later one wins. */
  sources: readonly string[];
  /** Folders of playbooks, whose group_vars and host_vars count too. */
  playbookFolders?: readonly string[];
}

/** Files of a folder that are no inventories, by their ends, as Ansible has it. */
const ignored = /(~|\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry))$/;

/** Reads inventories and what lies beside them; all mistakes at once, as `bad_inventory`. */
export function parseInventory({ files, sources, playbookFolders = [] }: InventoryFiles): {
  inventory: Inventory;
  problems: readonly ErrorData[];
} {
  const builder = new InventoryBuilder();
  const folders = new Set<string>();
  for (const source of sources) {
    if (source.includes(",")) readHostList(source, builder);
    else if (Object.hasOwn(files, clean(source))) {
      readFile(clean(source), files[clean(source)] ?? "", builder);
      folders.add(folderOf(clean(source)));
    } else readFolder(clean(source), files, builder, folders);
  }
  readAllVariables(files, [...folders], "beside", builder);
  readAllVariables(files, playbookFolders.map(clean), "playbook", builder);
  const inventory = builder.build();
  return { inventory, problems: builder.problems };
}

function clean(path: string): string {
  return path.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

function below(folder: string, path: string): string | undefined {
  if (folder === "" || folder === ".") return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

function readHostList(source: string, builder: InventoryBuilder): void {
  for (const part of source.split(",").map((each) => each.trim())) {
    if (part === "") continue;
    const names = expandHosts(part);
    if (Array.isArray(names)) for (const name of names) builder.host("ungrouped", name);
    else builder.problem(`cannot read the inventory '${source}': ${names.problem}`, undefined);
  }
}

function readFolder(
  folder: string,
  files: Readonly<Record<string, string>>,
  builder: InventoryBuilder,
  folders: Set<string>,
): void {
  const inside = Object.keys(files)
    .filter((path) => {
      const rest = below(folder, path);
      return rest !== undefined && !/(^|\/)(group_vars|host_vars)\//.test(rest) && !/(^|\/)\./.test(rest);
    })
    .sort();
  if (inside.length === 0 || folder === "") {
    builder.problem(
      `cannot read the inventory '${folder}': there is no such file or folder`,
      undefined,
      "hosts instead of a file need a comma: -i host1,",
    );
    return;
  }
  folders.add(folder);
  for (const path of inside) if (!ignored.test(path)) readFile(path, files[path] ?? "", builder);
}

function readFile(path: string, text: string, builder: InventoryBuilder): void {
  if (text.startsWith("#!")) {
    builder.problem(
      `cannot read ${path}: programs are not run for an inventory`,
      `${path}:1:1`,
      "write its hosts down",
    );
    return;
  }
  if (/\.(ya?ml|json)$/.test(path) || !looksLikeIni(text)) readYamlInventory(path, text, builder);
  else readIniInventory(path, text, builder);
}

/** A section's line, or a first line that is neither a key nor a mark of YAML. */
function looksLikeIni(text: string): boolean {
  if (/^\[[^\]\s]+\]\s*([#;].*)?$/m.test(text)) return true;
  const first = /^(?!\s*[#;])\s*(\S.*)$/m.exec(text)?.[1];
  return first !== undefined && !/^(---|\{|[^\s:]+:(\s|$))/.test(first);
}

/** group_vars/NAME, NAME.yaml, and all files of a folder NAME; those of groups and hosts that nobody knows are left alone. */
function readAllVariables(
  files: Readonly<Record<string, string>>,
  folders: readonly string[],
  where: "beside" | "playbook",
  builder: InventoryBuilder,
): void {
  const paths = Object.keys(files).sort();
  for (const folder of folders) {
    for (const path of paths) {
      const match = /^(group|host)_vars\/([^/]+?)(?:\.(?:ya?ml|json))?(\/.+)?$/.exec(below(folder, path) ?? "");
      const [, sort, name = "", rest] = match ?? [];
      if (match === null || (rest !== undefined && /(^|\/)\.|~$/.test(rest))) continue;
      const variables = sort === "group" ? builder.knownGroup(name) : builder.knownHost(name);
      const into: VariableSet | undefined = variables?.[where];
      if (into !== undefined) readVariables(path, files[path] ?? "", into, builder);
    }
  }
}
