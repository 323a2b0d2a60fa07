import type { Handler, Inheritable, Item, Role } from "./playbook.ts";
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
  /** What roles that stand among the tasks add to the play. */
  scene: Scene;
  /** Files on the way here: one that is among them includes itself. */
  trail: readonly string[];
}

/** What a play has beside its tasks: `include_role` adds to it while the play runs. */
export interface Scene {
  /** Roles whose variables all its tasks see. */
  roles: Role[];
  handlers: Handler[];
  /** Handlers that it is going to have: a notify may name them. Undefined where that shows only as it runs. */
  expected: Handler[] | undefined;
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
