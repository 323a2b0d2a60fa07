import { findFile, joinPath } from "../project/paths.ts";
import type { Budget } from "./budget.ts";
import type { Scope } from "./scope.ts";
import type { Settings } from "./settings.ts";
import type { Compiled } from "./statements/compile.ts";

/** The project's files, as the templates of one task see them. */
export interface ProjectFiles {
  /** Every file's text by its path. */
  readonly texts: Readonly<Record<string, string>>;
  /** Where names count from, the nearest first: the task's role, its own file's folder, the playbook's. */
  readonly folders: readonly string[];
  /** A file read as a template. Throws `bad_template`. */
  template(path: string, settings: Settings): FileTemplate;
  /** A file read as a part of another template. Throws `bad_template`. */
  included(path: string, settings: Settings): Compiled;
}

export interface FileTemplate {
  /** Its text for a scope. Throws `bad_template` with the place in the file. */
  render(scope: Scope, budget: Budget): string;
}

/** Where a name is looked for, in this order: of every folder its `kind` first; last as the path it may be already. */
export function projectPaths(name: string, kind: "files" | "templates" | "vars", folders: readonly string[]): string[] {
  if (name.startsWith("/")) return [joinPath("", name)];
  const paths = folders.flatMap((folder) => [joinPath(folder, `${kind}/${name}`), joinPath(folder, name)]);
  return [...new Set([...paths, joinPath("", name)])];
}

/** The path of the file that a name means to a task, or undefined where the project has none. */
export function findProjectFile(
  name: string,
  kind: "files" | "templates" | "vars",
  { texts, folders }: Pick<ProjectFiles, "texts" | "folders">,
): string | undefined {
  return findFile(texts, projectPaths(name, kind, folders));
}
