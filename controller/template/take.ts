import type { CallArguments, Evaluation } from "./evaluation.ts";
import { compileRegex, type Regex } from "./regex/regex.ts";
import { entriesOf } from "./text.ts";
import {
  excerpt,
  isList,
  isMapping,
  isTrue,
  LazyMap,
  type Mapping,
  Refusal,
  typeName,
  Undefined,
  type Value,
} from "./value.ts";

/** The argument at a position or under its name; undefined where it was not given. Undefined values are refused. */
export function argument(args: CallArguments, position: number, name: string): Value | undefined {
  const value = args.positional[position] ?? (Object.hasOwn(args.named, name) ? args.named[name] : undefined);
  return value === undefined && position < args.positional.length
    ? null
    : value === undefined
      ? undefined
      : defined(value);
}

/** Refuses arguments that nobody reads: a misspelt name must not pass silently. */
export function onlyArguments(args: CallArguments, what: string, names: readonly string[]): void {
  if (args.positional.length > names.length)
    throw new Refusal(`${what} takes ${names.length || "no"} arguments, got ${args.positional.length}`);
  for (const name of Object.keys(args.named)) {
    if (!names.includes(name))
      throw new Refusal(
        `${what} has no argument '${name}'`,
        names.length > 0 ? `it has ${names.join(", ")}` : undefined,
      );
  }
}

/** The value, where it is one. Throws a Refusal for what is undefined. */
export function defined(value: Value): Value {
  if (!(value instanceof Undefined)) return value;
  if (value.isEmpty) return "";
  throw value.refusal();
}

export function takeText(value: Value | undefined, what: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw wrong(value, what, "text");
}

export function takeNumber(value: Value | undefined, what: string): number {
  if (typeof value === "number") return value;
  throw wrong(value, what, "a number", typeof value === "string" ? "turn text into a number with '| int'" : undefined);
}

export function takeWhole(value: Value | undefined, what: string): number {
  const number = takeNumber(value, what);
  if (Number.isSafeInteger(number)) return number;
  throw new Refusal(`${what} must be a whole number, got ${number}`);
}

export function takeFlag(value: Value | undefined, otherwise: boolean): boolean {
  return value === undefined ? otherwise : isTrue(value);
}

/** A flag that people write as they like: true, yes, "on". */
export function takeYes(value: Value | undefined, otherwise: boolean): boolean {
  if (typeof value !== "string") return takeFlag(value, otherwise);
  return ["yes", "on", "1", "true", "y", "t"].includes(value.toLowerCase());
}

/** The items of a list, the characters of a text or the keys of a mapping, as Python iterates; each is paid for. */
export function takeItems(value: Value | undefined, what: string, evaluation: Evaluation): readonly Value[] {
  const items = itemsOf(value === undefined ? undefined : defined(value));
  if (items === undefined) throw wrong(value, what, "a list");
  evaluation.budget.spend(items.length);
  return items;
}

function itemsOf(value: Value | undefined): readonly Value[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (isList(value)) return value;
  if (typeof value === "string") return [...value];
  if (value instanceof LazyMap) return [...value.keys()];
  return isMapping(value) ? Object.keys(value) : undefined;
}

export function takeMapping(value: Value | undefined, what: string): Mapping {
  if (value instanceof LazyMap) return Object.fromEntries(entriesOf(value));
  if (value !== undefined && isMapping(value)) return value;
  throw wrong(value, what, "a mapping");
}

/** The pattern at a position; its flags by name, or by position from `flagsAt` on. */
export function takeRegex(args: CallArguments, position: number, flagsAt: number, whole = false): Regex {
  return compileRegex(takeText(argument(args, position, "pattern"), "the pattern"), {
    ignoreCase: takeFlag(argument(args, flagsAt, "ignorecase"), false),
    multiline: takeFlag(argument(args, flagsAt + 1, "multiline"), false),
    whole,
  });
}

function wrong(value: Value | undefined, what: string, wanted: string, hint?: string): Refusal {
  if (value instanceof Undefined) return value.refusal();
  if (value === undefined) return new Refusal(`${what} is missing`);
  const got =
    typeof value === "string"
      ? `the text ${excerpt(value)}`
      : typeof value === "number"
        ? String(value)
        : typeName(value);
  return new Refusal(`${what} must be ${wanted}, got ${got}`, hint);
}
