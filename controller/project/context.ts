import type { Inheritable, Item } from "./playbook.ts";
import type { Reader } from "./reader.ts";
import { parseYaml } from "./yaml.ts";
import type { YamlNode } from "./yaml-node.ts";

/** Where in a project tasks are read. */
export interface Context {
  /** Every file's text by its path. */
  files: Readonly<Record<string, string>>;
  /** Where paths in the file that is read count from, the nearest first. */
  folders: readonly string[];
  /** Of the playbook: roles lie below it. */
  playbookFolder: string;
  inherited: Inheritable;
  /** The items of a whole file: what an import leads to is read as what it stands in. */
  readItems(reader: Reader, root: YamlNode, context: Context): Item[];
  /** Roles that the play has by now, with what they were given: without more, each runs once. */
  roles: Set<string>;
  /** Files on the way here: one that is among them includes itself. */
  trail: readonly string[];
}

/** A path as people write it, without `.` and `..`. */
export function joinPath(folder: string, path: string): string {
  const whole = path.startsWith("/") || folder === "" ? path : `${folder}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return whole.startsWith("/") ? `/${parts.join("/")}` : parts.join("/");
}

export function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

/** The first of these paths that is a file of the project. */
export function findFile(files: Context["files"], paths: readonly string[]): string | undefined {
  return paths.find((path) => Object.hasOwn(files, path));
}

/** A YAML file of the project, and a reader for it; undefined where it is empty or wrong, with its mistakes told. */
export function openFile(
  reader: Reader,
  files: Context["files"],
  path: string,
): { reader: Reader; root: YamlNode } | undefined {
  const { file, root, problems } = parseYaml(path, files[path] ?? "", "bad_playbook", { keyring: reader.keyring });
  reader.problems(problems);
  return root === undefined ? undefined : { reader: reader.elsewhere(file), root };
}
