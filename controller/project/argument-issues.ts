import type { z } from "zod";
import type { Path } from "../template/compiled-value.ts";
import { didYouMean } from "../template/suggest.ts";
import { excerpt, type Json, typeName } from "../template/value.ts";
import { insteadOfArgument } from "./foreign-arguments.ts";
import { namesAt } from "./modules.ts";

/** A mistake in a module's arguments, in people's words. */
export interface ArgumentIssue {
  path: Path;
  message: string;
  hint?: string;
  /** The key is the mistake, not its value. */
  isKey?: true;
}

type ZodIssue = z.core.$ZodIssue;

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

/** What an issue of the schema says about the given arguments; an unknown key is one issue each. */
export function describeIssue(issue: ZodIssue, args: Json, schema: z.ZodObject): ArgumentIssue[] {
  const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, path, schema));
  const value = valueAt(args, path);
  const name = `'${renderPath(path)}'`;
  if (value === undefined && issue.code !== "invalid_key") return [{ path, message: `${name} is missing` }];
  const got = value === undefined ? "" : `, got ${describe(value)}`;
  const hint = hintFor(issue, value);
  return [{ path, message: `${name} ${says(issue)}${got}`, ...(hint === undefined ? {} : { hint }) }];
}

function unknownKey(key: string, path: Path, schema: z.ZodObject): ArgumentIssue {
  const names = namesAt(schema, path);
  const message = path.length === 0 ? `there is no argument '${key}'` : `there is no '${key}' in '${renderPath(path)}'`;
  return {
    isKey: true,
    path: [...path, key],
    message,
    hint: insteadOfArgument(key) ?? didYouMean(key, names) ?? `there are ${names.join(", ")}`,
  };
}

function says(issue: ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${typeWords[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${either(issue.values.map(String))}`;
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? "must not be empty"
        : `must be at least ${issue.minimum}`;
    case "too_big":
      if (issue.origin === "string") return `has at most ${issue.maximum} characters`;
      return issue.origin === "array" ? `has at most ${issue.maximum} items` : `must be at most ${issue.maximum}`;
    case "invalid_union":
      return `must be ${either([...new Set(issue.errors.flatMap((branch) => branch.slice(0, 1).map(branchSays)))])}`;
    case "invalid_key":
      return "is no name that can stand here";
    default:
      return `is wrong: ${issue.message}`;
  }
}

/** What one branch of a union wanted. */
function branchSays(issue: ZodIssue): string {
  if (issue.code !== "invalid_type")
    return issue.code === "invalid_format" && issue.pattern === "/^\\d+$/" ? "digits" : issue.message;
  const wanted = typeWords[issue.expected] ?? issue.expected;
  return issue.path.length === 0 ? wanted : `a list of ${wanted}`;
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function hintFor(issue: ZodIssue, value: Json | undefined): string | undefined {
  if (issue.code === "invalid_value" && typeof value === "string") return didYouMean(value, issue.values.map(String));
  if (issue.code !== "invalid_type" || issue.expected !== "string") return undefined;
  return typeof value === "boolean"
    ? "put quotes around the text: without them yes, no, on and off are true or false"
    : undefined;
}

function describe(value: Json): string {
  return typeof value === "string"
    ? `the text ${excerpt(value)}`
    : typeof value === "number"
      ? String(value)
      : typeName(value);
}

/** `namespaces[0].nsid`. */
function renderPath(path: Path): string {
  return path.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("");
}

export function valueAt(value: Json, path: Path): Json | undefined {
  let part: Json | undefined = value;
  for (const key of path) {
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, key)) return undefined;
    part = Object.entries(part).find(([name]) => name === String(key))?.[1];
  }
  return part;
}
