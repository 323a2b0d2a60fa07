import { joinPath } from "../../project/paths.ts";
import type { Evaluator } from "../evaluation.ts";
import { findProjectFile, type ProjectFiles, projectPaths } from "../project-files.ts";
import { takeText, takeYes } from "../take.ts";
import { isList, isMapping, Refusal, typeName, type Value } from "../value.ts";
import { filesOf, type LookupOptions, type Lookups, option } from "./lookup.ts";

/** The text of a file of the project, found as `copy` finds its `src`. Throws a Refusal where there is none, or it is encrypted. */
export function projectText(name: string, kind: "files" | "templates", files: ProjectFiles) {
  const path = findProjectFile(name, kind, files);
  const text = path === undefined ? undefined : files.texts[path];
  if (path === undefined || text === undefined) {
    throw new Refusal(
      `the project has no file '${name}': looked for ${projectPaths(name, kind, files.folders).join(", ")}`,
      `text files in ${kind}/ beside the playbook or in its role are sent with it`,
    );
  }
  if (!text.startsWith("$ANSIBLE_VAULT;")) return { path, text };
  throw new Refusal(`${path} is encrypted`, "keep the secret in a variable of a vault");
}

function contents(terms: readonly Value[], options: LookupOptions, evaluator: Evaluator): string[] {
  const files = filesOf(evaluator, "file");
  const [stripsLeft, stripsRight] = [
    takeYes(option(options, "lstrip"), false),
    takeYes(option(options, "rstrip"), true),
  ];
  return terms.map((term) => {
    const { text } = projectText(takeText(term, "each term of 'file'"), "files", files);
    const left = stripsLeft ? text.trimStart() : text;
    return stripsRight ? left.trimEnd() : left;
  });
}

/** A shell's pattern of one name: `*`, `?`, `[a-z]`. */
function globRegex(pattern: string): RegExp {
  const parts = [...pattern.matchAll(/\[(!?)([^\]]+)\]|[\s\S]/g)].map(([all, not, set]) => {
    if (set !== undefined) return `[${not === "!" ? "^" : ""}${set.replaceAll(/[\\^[]/g, "\\$&")}]`;
    return all === "*" ? "[^/]*" : all === "?" ? "[^/]" : all.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${/^[*?[]/.test(pattern) ? "(?!\\.)" : ""}${parts.join("")}$`);
}

/** The files of one folder of the project that a pattern names; of the folders where it is looked, the first that has any. */
function fileglob(terms: readonly Value[], evaluator: Evaluator): string[] {
  const files = filesOf(evaluator, "fileglob");
  return terms.flatMap((term) => {
    const pattern = takeText(term, "each term of 'fileglob'");
    const form = globRegex(pattern.slice(pattern.lastIndexOf("/") + 1));
    const folder = pattern.includes("/") ? pattern.slice(0, pattern.lastIndexOf("/")) : "";
    const folders = pattern.startsWith("/")
      ? [joinPath("", folder)]
      : files.folders.flatMap((each) => [joinPath(each, `files/${folder}`), joinPath(each, folder)]);
    for (const each of folders) {
      evaluator.budget.spend(Object.keys(files.texts).length);
      const within = each === "" ? "" : `${each}/`;
      const found = Object.keys(files.texts).filter(
        (path) => path.startsWith(within) && form.test(path.slice(within.length)),
      );
      if (found.length > 0) return found.sort();
    }
    return [];
  });
}

const parted = (value: Value | undefined, what: string, marks: RegExp): string[] => {
  if (value === undefined || value === null || value === "") return [];
  if (isList(value)) return value.flatMap((each) => parted(each, what, marks));
  return takeText(value, what).split(marks);
};

/** What the terms of `first_found` name, and whether finding nothing is fine. */
function candidates(terms: readonly Value[], options: LookupOptions): { names: string[]; skips: boolean } {
  let names: string[] = [];
  let skips = false;
  for (const term of terms) {
    if (isList(term)) {
      const inner = candidates(term, options);
      names.push(...inner.names);
      skips = inner.skips;
      continue;
    }
    if (typeof term !== "string" && !isMapping(term))
      throw new Refusal(`'first_found' takes names, lists of them, or mappings, got ${typeName(term)}`);
    const given = typeof term === "string" ? options : term;
    skips = takeYes(option(given, "skip"), false);
    const wanted = parted(option(given, "files"), "files", /[,;]/);
    const paths = parted(option(given, "paths"), "paths", /[,:;]/);
    if (paths.length > 0) names.push(...paths.flatMap((path) => wanted.map((name) => `${path}/${name}`)));
    // Ansible's own rule: files without paths take the place of what stood before.
    else if (wanted.length > 0) names = wanted;
    else if (typeof term === "string") names.push(term);
  }
  return { names, skips };
}

function firstFound(terms: readonly Value[], options: LookupOptions, evaluator: Evaluator): string[] {
  const files = filesOf(evaluator, "first_found");
  const { names, skips } = candidates(terms, options);
  // In Ansible the task's kind decides between these folders.
  for (const name of names) {
    const kinds = ["files", "templates", "vars"] as const;
    const path = kinds.map((kind) => findProjectFile(name, kind, files)).find((each) => each !== undefined);
    if (path !== undefined) return [path];
  }
  if (skips) return [];
  throw new Refusal(
    `the project has none of these files: ${names.join(", ")}`,
    "add one that is always there, or skip: true",
  );
}

/** Lookups of files: those that the project holds. */
export const fileLookups: Lookups = {
  file: { takes: ["lstrip", "rstrip"], finds: contents },
  fileglob: { takes: [], finds: (terms, _, evaluator) => fileglob(terms, evaluator) },
  first_found: { takes: ["files", "paths", "skip"], finds: firstFound },
};
