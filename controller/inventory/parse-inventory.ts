import type { ErrorData } from "../../shared/errors.ts";
import type { Keyring } from "../project/vault/keyring.ts";
import { isVaultText } from "../project/vault/vault-text.ts";
import { InventoryBuilder } from "./builder.ts";
import { cleanPath, FileTree, folderOf, joinPath } from "./file-tree.ts";
import { readHostNames } from "./host-ranges.ts";
import { readIniInventory } from "./ini-inventory.ts";
import type { Inventory } from "./inventory.ts";
import { variableFiles } from "./variable-files.ts";
import { readVariables, readYamlInventory } from "./yaml-inventory.ts";

export interface InventoryFiles {
  /** Text by path, with `/` between its parts. */
  files: Readonly<Record<string, string>>;
  /** What `-i` names: a file, a folder, or hosts with commas between them; the later one wins. */
  sources: readonly string[];
  /** Folders of playbooks, whose group_vars and host_vars count too. */
  playbookFolders?: readonly string[];
  /** Opens what a vault encrypted; left out where no password was given. */
  keyring?: Keyring | undefined;
}

export interface ParsedInventory {
  inventory: Inventory;
  /** `bad_inventory`, all at once. */
  problems: readonly ErrorData[];
  /** What people should look at, and is read all the same. */
  warnings: readonly ErrorData[];
}

/** What a folder of inventories holds beside them, by name, as Ansible has it. */
const ignored = /^(\.|host_vars$|group_vars$|vars_plugins$)|(~|\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry))$/;

/** Reads inventories and what lies beside them; all mistakes at once. */
export function parseInventory({ files, sources, playbookFolders = [], keyring }: InventoryFiles): ParsedInventory {
  const builder = new InventoryBuilder();
  const tree = new FileTree(files);
  const folders: string[] = [];
  for (const source of sources) {
    const path = cleanPath(source);
    const sort = path === "" ? "folder" : tree.sortOf(path);
    if (sort === "file") readFile(path, tree.text(path) ?? "", builder, keyring);
    else if (source.includes(",")) readHostList(source, builder);
    else if (sort === "folder") readFolder(path, tree, builder, keyring);
    else
      builder.problem(
        `cannot read the inventory '${source}': there is no such file or folder`,
        undefined,
        "hosts instead of a file need a comma: -i host1,",
      );
    if (sort !== undefined) folders.push(sort === "file" ? folderOf(path) : path);
  }
  for (const [where, places] of [
    ["beside", folders],
    ["playbook", playbookFolders.map(cleanPath)],
  ] as const) {
    // A folder that is named twice counts where it is named last.
    for (const folder of [...new Set(places.toReversed())].toReversed())
      for (const { path, variables } of variableFiles(tree, folder, builder))
        readVariables(path, tree.text(path) ?? "", variables[where], builder, keyring);
  }
  const inventory = builder.build();
  return { inventory, problems: builder.problems, warnings: builder.warnings };
}

/** `h1,h2:22,n[01:04]`: unlike Ansible, with ranges. */
function readHostList(source: string, builder: InventoryBuilder): void {
  builder.begin(undefined);
  for (const part of source.split(",").map((each) => each.trim())) {
    if (part === "") continue;
    const hosts = readHostNames(part);
    if ("problem" in hosts) {
      builder.problem(`cannot read the inventory '${source}': ${hosts.problem}`, undefined);
      continue;
    }
    for (const name of hosts.names) {
      if (builder.hasHost(name)) continue;
      const { inline } = builder.host("ungrouped", name);
      if (hosts.port !== undefined) inline.set("ansible_port", hosts.port);
    }
  }
}

function readFolder(folder: string, tree: FileTree, builder: InventoryBuilder, keyring: Keyring | undefined): void {
  for (const [name, sort] of tree.entries(folder)) {
    const path = joinPath(folder, name);
    if (ignored.test(name)) continue;
    if (sort === "folder") readFolder(path, tree, builder, keyring);
    else readFile(path, tree.text(path) ?? "", builder, keyring);
  }
}

function readFile(path: string, text: string, builder: InventoryBuilder, keyring: Keyring | undefined): void {
  builder.begin(path);
  if (text.startsWith("#!")) {
    const hint = `write down what it prints: ansible-inventory -i ${path} --list --export --yaml`;
    builder.problem(`cannot read ${path}: programs are not run for an inventory`, `${path}:1:1`, hint);
  } else if (/\.toml$/.test(path))
    builder.problem(`cannot read ${path}: TOML is not supported`, `${path}:1:1`, "write it as YAML or INI");
  else if (looksLikeIni(text)) readIniInventory(path, text, builder);
  else readYamlInventory(path, text, builder, keyring);
}

/** Whether the first line that says something is no beginning of a YAML mapping: a section of INI, or a host. */
function looksLikeIni(text: string): boolean {
  const first = /^[^\S\n]*([^\s#;].*)$/m.exec(text)?.[1];
  if (first === undefined || isVaultText(text)) return false;
  if (/^\[[^\]\s]+\]\s*(#.*)?$/.test(first)) return true;
  return !/^(---|[{%!&?]|- |("[^"]*"|'[^']*'|[^\s#='"][^#='"]*?)\s*:(\s|$))/.test(first);
}
