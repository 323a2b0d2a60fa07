import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, defined, takeItems, takeText } from "../take.ts";
import { isList, Refusal, type Value } from "../value.ts";
import { type Filters, onText } from "./filter.ts";

/** The last part of a path, as Python's `os.path.basename`. */
function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf("/") + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, "");
}

function splitExtension(path: string): string[] {
  const dot = path.lastIndexOf(".");
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isDotted = dot > path.lastIndexOf("/") && /^\.*[^.]/.test(name.slice(0, name.lastIndexOf(".")));
  return isDotted ? [path.slice(0, dot), path.slice(dot)] : [path, ""];
}

/** Parts one below the other; one that begins with a slash begins anew. */
function joined(value: Value, evaluation: Evaluation): string {
  const parts = isList(value)
    ? takeItems(value, "what is joined", evaluation).map((part) => takeText(part, "each part"))
    : [takeText(value, "the path")];
  evaluation.budget.spendText(parts.reduce((length, part) => length + part.length + 1, 0));
  const from = parts.findLastIndex((part) => part.startsWith("/"));
  const kept = parts.slice(Math.max(0, from));
  return kept
    .map((part, index) =>
      index === 0 || kept[index - 1]?.endsWith("/") || kept.slice(0, index).every((each) => each === "")
        ? part
        : `/${part}`,
    )
    .join("");
}

/** A path without `.`, `..` and empty parts, as Python's `os.path.normpath`. */
function normal(path: string): string {
  const root = /^\/\/(?!\/)/.test(path) ? "//" : path.startsWith("/") ? "/" : "";
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || (root === "" && (parts.length === 0 || parts.at(-1) === ".."))) parts.push(part);
    else parts.pop();
  }
  return root + parts.join("/") || ".";
}

function common(paths: readonly string[]): number {
  const [first = "", ...others] = paths;
  const parts = first.split("/");
  const rest = others.map((path) => path.split("/"));
  const end = parts.findIndex((part, index) => rest.some((other) => other[index] !== part));
  return end < 0 ? parts.length : end;
}

/** The way from one folder to a path. Both are absolute, or both are not: no folder is the current one. */
function relative(path: string, args: CallArguments): string {
  const start = takeText(argument(args, 0, "start") ?? ".", "start");
  if (path === "") throw new Refusal("there is no path");
  if (path.startsWith("/") !== start.startsWith("/"))
    throw new Refusal("templates have no current folder", "give an absolute path its start: relpath('/folder')");
  const split = (each: string) =>
    normal(each)
      .split("/")
      .filter((part) => part !== "" && part !== ".");
  const [from, to] = [split(start), split(path)];
  if (from.includes("..")) throw new Refusal("templates have no current folder, and none above it");
  const shared = from.findIndex((part, index) => to[index] !== part);
  const same = shared < 0 ? from.length : shared;
  return [...from.slice(same).map(() => ".."), ...to.slice(same)].join("/") || ".";
}

function commonPath(value: Value, evaluation: Evaluation): string {
  const paths = takeItems(value, "the paths", evaluation).map((path) => takeText(path, "each path"));
  if (paths.length === 0) throw new Refusal("'commonpath' needs at least one path");
  if (paths.some((path) => path.startsWith("/") !== paths[0]?.startsWith("/")))
    throw new Refusal("paths that begin with a slash, and paths that do not, have nothing in common");
  const parts = paths.map((path) =>
    path
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .join("/"),
  );
  const shared = (parts[0] ?? "").split("/").slice(0, common(parts)).join("/");
  return (paths[0]?.startsWith("/") ? "/" : "") + shared;
}

/** Filters of paths, as Linux has them. */
export const pathFilters: Filters = {
  basename: onText([], basename),
  dirname: onText([], dirname),
  splitext: onText([], splitExtension),
  relpath: onText(["start"], relative),
  normpath: onText([], normal),
  commonpath: { takes: [], does: (value, _, evaluation) => commonPath(defined(value), evaluation) },
  path_join: { takes: [], does: (value, _, evaluation) => joined(defined(value), evaluation) },
};
