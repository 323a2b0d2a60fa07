import type { z } from "zod";
import { isSecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import { dhchapKeyProblem } from "../../shared/nvme/dhchap.ts";
import { Secret } from "../../shared/secret.ts";
import type { Path } from "../template/compiled-value.ts";
import type { Json } from "../template/value.ts";
import { type ArgumentIssue, describeIssue, valueAt } from "./argument-issues.ts";
import { type ModuleName, schemaOf, secretsOf } from "./modules.ts";

export type CheckedArguments =
  /** Parsed, with defaults; secrets stand apart, and their fields are left out. */
  | { ok: true; arguments: Readonly<Record<string, unknown>>; secrets: Readonly<Record<string, Secret>> }
  | { ok: false; issues: readonly ArgumentIssue[] };

const booleans: Readonly<Record<string, boolean>> = {
  yes: true,
  on: true,
  true: true,
  "1": true,
  no: false,
  off: false,
  false: false,
  "0": false,
};

/**
 * Checks evaluated arguments against a module's schema. As in Ansible, text becomes a number or a boolean where one is
 * wanted, and a number text. A secret is text here, and never part of an issue.
 */
export function checkArguments(module: ModuleName, args: Json): CheckedArguments {
  const { plain, secrets, issues } = takeSecrets(module, args, []);
  const schema = schemaOf(module);
  const parsed = parseCoerced(schema, plain);
  if (parsed.success && issues.length === 0) return { ok: true, arguments: parsed.data, secrets };
  const told = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describeIssue(issue, plain, schema));
  return { ok: false, issues: [...issues, ...told] };
}

/** The mistakes that show before templates are evaluated: all but those of values that hold a template. */
export function checkWritten(module: ModuleName, args: Json, templates: readonly Path[]): readonly ArgumentIssue[] {
  const { plain, issues } = takeSecrets(module, args, templates);
  const schema = schemaOf(module);
  const parsed = parseCoerced(schema, plain);
  if (parsed.success) return issues;
  const certain = parsed.error.issues.filter(
    (issue) => issue.code === "unrecognized_keys" || !templates.some((path) => touches(path, issue.path)),
  );
  return [...issues, ...certain.flatMap((issue) => describeIssue(issue, plain, schema))];
}

/** Whether one path leads to the other, or through it. */
function touches(path: Path, other: readonly PropertyKey[]): boolean {
  const length = Math.min(path.length, other.length);
  return path.slice(0, length).every((key, index) => String(key) === String(other[index]));
}

function isMapping(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function takeSecrets(module: ModuleName, args: Json, templates: readonly Path[]) {
  const secrets: Record<string, Secret> = {};
  const issues: ArgumentIssue[] = [];
  const names = secretsOf(module);
  if (!isMapping(args) || names.length === 0) return { plain: args, secrets, issues };
  const kept = Object.entries(args).filter(([name, value]) => !names.includes(name) || isSecretRef(value));
  for (const name of names) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (value === undefined || isSecretRef(value)) continue;
    const isTemplate = templates.some((path) => path[0] === name);
    const problem = isTemplate ? undefined : typeof value === "string" ? dhchapKeyProblem(value) : "a key is text";
    if (problem !== undefined) issues.push({ path: [name], message: `'${name}' is wrong: ${problem}` });
    else if (typeof value === "string") secrets[name] = new Secret(value);
  }
  return { plain: Object.fromEntries(kept), secrets, issues };
}

/** Parses; where only the type of a scalar is wrong and a conversion loses nothing, converts it and parses again. */
function parseCoerced(schema: z.ZodObject, args: Json) {
  const first = schema.safeParse(args);
  if (first.success) return first;
  const fixes = first.error.issues.flatMap((issue) => {
    if (issue.code !== "invalid_type") return [];
    const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
    const value = coerce(valueAt(args, path), issue.expected);
    return value === undefined ? [] : [{ path, value }];
  });
  if (fixes.length === 0) return first;
  const fixed = fixes.reduce<Json>((whole, { path, value }) => replaceAt(whole, path, value), args);
  return schema.safeParse(fixed);
}

function coerce(value: Json | undefined, wanted: string): Json | undefined {
  if (wanted === "string" && typeof value === "number") return String(value);
  if (wanted === "boolean" && (typeof value === "string" || typeof value === "number")) {
    const word = String(value).toLowerCase();
    return Object.hasOwn(booleans, word) ? booleans[word] : undefined;
  }
  if ((wanted === "number" || wanted === "int") && typeof value === "string" && /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value))
    return Number(value);
  return undefined;
}

function replaceAt(whole: Json, path: Path, value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof whole !== "object" || whole === null) return whole;
  const entries = Object.entries(whole).map(([name, part]): [string, Json] => [
    name,
    name === String(key) ? replaceAt(part, rest, value) : part,
  ]);
  return Array.isArray(whole) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}
