import { type ErrorData, FlashfleetError } from "../../shared/errors.ts";
import { Budget } from "../template/budget.ts";
import { findProjectFile } from "../template/project-files.ts";
import { compileRegex, search } from "../template/regex/regex.ts";
import { didYouMean } from "../template/suggest.ts";
import { revealed } from "../template/tagged.ts";
import type { Json } from "../template/value.ts";
import { openFile } from "./context.ts";
import { folderOf, joinPath } from "./paths.ts";
import { Reader } from "./reader.ts";
import { SourceFile } from "./source-file.ts";
import type { Keyring } from "./vault/keyring.ts";
import { nodeToJson } from "./yaml-node.ts";

/** The arguments of `include_vars`, with their defaults. */
export interface IncludeVars {
  file?: string | undefined;
  dir?: string | undefined;
  name?: string | undefined;
  depth: number;
  files_matching?: string | undefined;
  ignore_files: readonly string[];
  extensions: readonly string[];
  ignore_unknown_extensions: boolean;
}

/** The project as the task that includes sees it. */
export interface IncludeFrom {
  files: Readonly<Record<string, string>>;
  /** The nearest first. */
  folders: readonly string[];
  role: { folder: string } | undefined;
  place: string;
  keyring: Keyring | undefined;
}

/** The variables of one file, or of all files in a folder; texts in them may be templates. Throws what is wrong with them. */
export function variablesFrom(args: IncludeVars, from: IncludeFrom): { paths: string[]; vars: Record<string, Json> } {
  const { file, dir, name } = args;
  if ((file === undefined) === (dir === undefined)) {
    throw new FlashfleetError("bad_argument", "cannot include variables: one of file and dir is needed", {
      hint: "include_vars: name.yml",
      place: from.place,
    });
  }
  const paths = file === undefined ? filesIn(dir ?? "", args, from) : [fileNamed(file, from)];
  const vars = Object.assign({}, ...paths.map((path) => mappingIn(path, from)));
  return { paths, vars: name === undefined ? vars : { [name]: vars } };
}

function fileNamed(name: string, { files, folders, place }: IncludeFrom): string {
  const found = findProjectFile(name, "vars", { texts: files, folders });
  if (found !== undefined) return found;
  throw new FlashfleetError("not_found", `cannot find the file of variables '${name}' in the project`, {
    hint: didYouMean(name, Object.keys(files)) ?? "files in vars/ beside the playbook or in its role are sent with it",
    place,
  });
}

function filesIn(dir: string, args: IncludeVars, from: IncludeFrom): string[] {
  const { files, folders, role, place } = from;
  const ofRole = role === undefined ? [] : [joinPath(role.folder, dir.startsWith("vars") ? dir : `vars/${dir}`)];
  const candidates = [...new Set([...ofRole, ...folders.map((folder) => joinPath(folder, dir)), joinPath("", dir)])];
  const root = candidates.find((each) => Object.keys(files).some((path) => path.startsWith(`${each}/`)));
  if (root === undefined) {
    throw new FlashfleetError("not_found", `cannot find the folder of variables '${dir}' in the project`, {
      hint: `looked for ${candidates.join(", ")}`,
      place,
    });
  }
  // As Ansible counts: folders by their paths in order, the root itself the first of them.
  const below = Object.keys(files).filter((path) => path.startsWith(`${root}/`));
  const inside = [...new Set(below.map(folderOf)), root].toSorted();
  const within = new Set(args.depth === 0 ? inside : [...new Set(inside)].slice(0, args.depth));
  return below
    .filter((path) => within.has(folderOf(path)) && path !== joinPath(role?.folder ?? "", "vars/main.yml"))
    .toSorted((a, b) => (folderOf(a) === folderOf(b) ? order(a, b) : order(folderOf(a), folderOf(b))))
    .filter((path) => isWanted(path, args, place));
}

function order(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function isWanted(path: string, args: IncludeVars, place: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const matches = (pattern: string) => search(compileRegex(pattern), name, 0, new Budget()) !== undefined;
  if (args.files_matching !== undefined && !matches(args.files_matching)) return false;
  if (args.ignore_files.some((each) => matches(`${each}$`))) return false;
  if (args.extensions.some((each) => name.endsWith(`.${each}`))) return true;
  if (args.ignore_unknown_extensions) return false;
  const wanted = args.extensions.join(", ");
  throw new FlashfleetError("bad_argument", `cannot include variables of ${path}: it does not end in ${wanted}`, {
    hint: "ignore_unknown_extensions: true passes such files",
    place,
  });
}

function mappingIn(path: string, { files, keyring, place }: IncludeFrom): { readonly [name: string]: Json } {
  const problems: ErrorData[] = [];
  const opened = openFile(new Reader(new SourceFile(path, ""), path, problems, keyring), files, path);
  const [problem] = problems;
  if (problem !== undefined)
    throw new FlashfleetError(problem.code, problem.message, { hint: problem.hint, place: problem.place });
  const value = opened === undefined ? {} : revealed(nodeToJson(opened.root));
  if (value === null) return {};
  if (typeof value === "object" && !isList(value)) return value;
  throw new FlashfleetError("bad_playbook", `cannot include ${path}: it is no mapping of variables`, { place });
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
