import type { Budget } from "../budget.ts";
import { pythonText, represent } from "../text.ts";
import { excerpt, isList, isMapping, own, Refusal, typeName, Undefined, type Value } from "../value.ts";
import { formatNumber, mostWidth } from "./number.ts";

const conversion = /%(?:\(([^)]*)\))?([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?([\s\S])?/g;

/**
 * A text with `%s`, `%05d`, `%(name)s` filled in, as Python's `text % values` does. A list is the values where the text asks for
 * several or it has just one; else it is one value.
 */
export function printf(format: string, given: Value, budget: Budget): string {
  const wanted = [...format.matchAll(conversion)].filter(([, , , , , kind]) => kind !== "%").length;
  const values = isList(given) && (wanted !== 1 || given.length === 1) ? given : [given];
  let next = 0;
  let length = 0;
  let usedNames = false;
  const take = (): Value => {
    const value = values[next++];
    if (value === undefined) throw new Refusal(`${excerpt(format)} wants more values than it is given`);
    return value;
  };
  const number = (text: string | undefined) =>
    text === "*" ? wholeOf(take()) : text === undefined ? undefined : Number(text);
  const text = format.replaceAll(conversion, (...[all = "", name, flags = "", width, precision, kind]: string[]) => {
    if (kind === undefined)
      throw new Refusal(`${excerpt(format)} ends in an unfinished ${excerpt(all)}`, "a percent sign is written %%");
    if (kind === "%" && all === "%%") return "%";
    const places = number(width);
    const digits = number(precision);
    if ((places ?? 0) > mostWidth || (digits ?? 0) > mostWidth)
      throw new Refusal(`${excerpt(all)} is wider than ${mostWidth}`);
    if (name !== undefined) usedNames = true;
    const value = name === undefined ? take() : named(given, name);
    if (value instanceof Undefined) throw value.refusal();
    const part = converted(value, { kind, flags, width: places, precision: digits }, budget);
    length += part.length;
    budget.spendText(length);
    return part;
  });
  if (next < values.length && !usedNames && !(isMapping(given) && wanted === 0))
    throw new Refusal(`${excerpt(format)} does not take all of its values`, "give it one %s for each");
  return text;
}

function named(given: Value, name: string): Value {
  const value = isMapping(given) ? own(given, name) : undefined;
  if (value === undefined) throw new Refusal(`there is no value ${excerpt(name)} for '%(${name})'`);
  return value;
}

function wholeOf(value: Value): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new Refusal("'*' wants a whole number");
}

interface Conversion {
  kind: string;
  flags: string;
  width: number | undefined;
  precision: number | undefined;
}

function converted(value: Value, { kind, flags, width = 0, precision }: Conversion, budget: Budget): string {
  const pad = (text: string) => (flags.includes("-") ? text.padEnd(width) : text.padStart(width));
  if (kind === "s" || kind === "r" || kind === "a")
    return pad((kind === "s" ? pythonText(value, budget) : represent(value, budget)).slice(0, precision));
  if (kind === "c") return pad(typeof value === "number" ? String.fromCodePoint(value) : characterOf(value));
  if (!/^[diuoxXeEfFgG]$/.test(kind))
    throw new Refusal(`there is no conversion '%${kind}'`, "a percent sign is written %%");
  const number = typeof value === "boolean" ? Number(value) : value;
  if (typeof number !== "number")
    throw new Refusal(`'%${kind}' wants a number, got ${typeName(value)}`, "turn it into one with '| int'");
  if (/[oxX]/.test(kind) && !Number.isInteger(number)) throw new Refusal(`'%${kind}' wants a whole number`);
  const type = /[diu]/.test(kind) ? "d" : kind;
  const plus = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const { sign, digits } = formatNumber(number, { type, precision, alternate: flags.includes("#"), plus, group: "" });
  const isWhole = /[doxX]/.test(type);
  const full = isWhole ? digits.padStart(precision ?? 0, "0") : digits;
  if (flags.includes("0") && !flags.includes("-")) return sign + full.padStart(width - sign.length, "0");
  return pad(sign + full);
}

function characterOf(value: Value): string {
  if (typeof value === "string" && [...value].length === 1) return value;
  throw new Refusal("'%c' wants one character");
}
