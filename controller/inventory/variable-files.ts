import type { InventoryBuilder } from "./builder.ts";
import { type FileTree, joinPath } from "./file-tree.ts";
import type { Variables } from "./inventory.ts";

/** Endings of files of variables, in the order in which they are looked for: the first that is there is taken. */
const endings = ["", ".yml", ".yaml", ".json"];

/**
 * The files of variables that belong to each group and host: group_vars/NAME (a file or a folder), NAME.yml, NAME.yaml or
 * NAME.json; of a folder all files by name, those of its folders among them (host_group_vars.py of Ansible).
 */
export function* variableFiles(
  tree: FileTree,
  folder: string,
  builder: InventoryBuilder,
): Generator<{ path: string; variables: Variables }> {
  const has = {
    group: tree.sortOf(joinPath(folder, "group_vars")) === "folder",
    host: tree.sortOf(joinPath(folder, "host_vars")) === "folder",
  };
  if (!has.group && !has.host) return;
  for (const { sort, name, variables } of builder.owners()) {
    // A path is no name of a file of variables.
    if (!has[sort] || name.startsWith("/")) continue;
    for (const path of filesOf(tree, joinPath(joinPath(folder, `${sort}_vars`), name))) yield { path, variables };
  }
}

function filesOf(tree: FileTree, base: string): string[] {
  for (const ending of endings) {
    const sort = tree.sortOf(base + ending);
    if (sort === "file") return [base + ending];
    if (sort === "folder") return filesBelow(tree, base + ending);
  }
  return [];
}

function filesBelow(tree: FileTree, folder: string): string[] {
  return [...tree.entries(folder)].flatMap(([name, sort]) => {
    if (name.startsWith(".") || name.endsWith("~")) return [];
    const ending = name.includes(".") ? name.slice(name.lastIndexOf(".")) : "";
    if (sort === "folder") return ending === "" ? filesBelow(tree, joinPath(folder, name)) : [];
    return endings.includes(ending) ? [joinPath(folder, name)] : [];
  });
}
