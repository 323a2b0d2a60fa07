import { attribute, itemAt } from "../access.ts";
import type { CallArguments, Evaluation } from "../evaluation.ts";
import { defined } from "../take.ts";
import { pythonText, represent } from "../text.ts";
import { excerpt, Refusal, typeName, type Value } from "../value.ts";
import { formatNumber, mostWidth } from "./number.ts";

const spec = /^(?:([\s\S])?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;
const part = /\.([^.[\]]+)|\[([^\]]+)\]/y;

/** A text with `{}`, `{0}`, `{name.key:>8}` filled in, as Python's `str.format` does. */
export function formatBraces(format: string, args: CallArguments, evaluation: Evaluation): string {
  let automatic = 0;
  let length = 0;
  const fill = (text: string, depth: number): string => {
    const parts: string[] = [];
    for (let at = 0; at < text.length; ) {
      const char = text.charAt(at);
      if ((char === "{" || char === "}") && text.charAt(at + 1) === char && depth === 0) {
        parts.push(char);
        at += 2;
      } else if (char === "{") {
        const end = endOf(text, at, format);
        parts.push(field(text.slice(at + 1, end), depth));
        at = end + 1;
      } else if (char === "}") throw new Refusal(`${excerpt(format)} has a '}' that closes nothing`, "write it twice");
      else {
        const next = text.slice(at).search(/[{}]/);
        parts.push(next < 0 ? text.slice(at) : text.slice(at, at + next));
        at = next < 0 ? text.length : at + next;
      }
      length += parts.at(-1)?.length ?? 0;
      evaluation.budget.spendText(length);
    }
    return parts.join("");
  };
  const field = (text: string, depth: number): string => {
    if (depth > 1) throw new Refusal(`${excerpt(format)} is nested too deep`);
    const [, name = "", conversion, rest = ""] = /^((?:[^!:[\]]|\[[^\]]*\])*)(?:!([rsa]))?(?::([\s\S]*))?$/.exec(
      text,
    ) ?? ["", text];
    const [, first = "", path = ""] = /^([^.[]*)([\s\S]*)$/.exec(name) ?? [];
    const value = along(
      first === "" ? positional(args, automatic++, format) : argumentOf(args, first, format),
      path,
      format,
    );
    const shown =
      conversion === undefined
        ? value
        : conversion === "s"
          ? pythonText(value, evaluation.budget)
          : represent(value, evaluation.budget);
    return formatValue(shown, fill(rest, depth + 1), evaluation);
  };
  return fill(format, 0);
}

function endOf(text: string, from: number, format: string): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text.charAt(at) === "{") depth++;
    if (text.charAt(at) === "}" && --depth === 0) return at;
  }
  throw new Refusal(`${excerpt(format)} has a '{' that is never closed`, "write it twice, or close it with '}'");
}

function positional(args: CallArguments, index: number, format: string): Value {
  const value = args.positional[index];
  if (value === undefined) throw new Refusal(`${excerpt(format)} wants more values than it is given`);
  return defined(value);
}

function argumentOf(args: CallArguments, name: string, format: string): Value {
  if (/^\d+$/.test(name)) return positional(args, Number(name), format);
  const value = Object.hasOwn(args.named, name) ? args.named[name] : undefined;
  if (value === undefined) throw new Refusal(`there is no value ${excerpt(name)} for '{${name}}'`);
  return defined(value);
}

function along(start: Value, path: string, format: string): Value {
  let value = start;
  part.lastIndex = 0;
  while (part.lastIndex < path.length) {
    const at = part.lastIndex;
    const found = part.exec(path);
    if (found === null) throw new Refusal(`${excerpt(format)} has a wrong field at '${path.slice(at)}'`);
    const [, name, index = ""] = found;
    value = defined(
      name === undefined
        ? itemAt(value, /^\d+$/.test(index) && Array.isArray(value) ? Number(index) : index)
        : attribute(value, name),
    );
  }
  return value;
}

/** A value by Python's format specification: `>8`, `05d`, `,.2f`. */
function formatValue(value: Value, given: string, { budget }: Evaluation): string {
  const found = spec.exec(given);
  if (found === null) throw new Refusal(`${excerpt(given)} is not a format`, "a format is like >8, 05d or .2f");
  const [, fill, align, sign = "-", alternate, zero, width = "0", group = "", precision, type] = found;
  if (Number(width) > mostWidth || Number(precision ?? 0) > mostWidth)
    throw new Refusal(`${excerpt(given)} is wider than ${mostWidth}`);
  const isNumber = typeof value === "number" || (typeof value === "boolean" && type !== undefined && type !== "s");
  if (!isNumber) {
    if (type !== undefined && type !== "s")
      throw new Refusal(`${excerpt(given)} wants a number, got ${typeName(value)}`);
    if (given !== "" && typeof value !== "string" && typeof value !== "boolean")
      throw new Refusal(`${typeName(value)} takes no format ${excerpt(given)}`, "turn it into text with '| string'");
    const text = pythonText(value, budget).slice(0, precision === undefined ? undefined : Number(precision));
    return padded(text, fill ?? (zero === undefined ? " " : "0"), align ?? "<", Number(width));
  }
  const number = Number(value);
  if (type !== undefined && !/^[dxXobeEfFgGn%]$/.test(type))
    throw new Refusal(`there is no format '${type}' of numbers`);
  if (type !== undefined && /[dxXobn]/.test(type) && !Number.isInteger(number))
    throw new Refusal(`${excerpt(given)} wants a whole number`);
  const kind = type === "n" ? "d" : type;
  const plus = sign === "-" ? "" : sign;
  const { sign: before, digits } =
    kind === undefined && (precision === undefined || Number.isInteger(number))
      ? plainNumber(number, plus, group, budget)
      : formatNumber(number, {
          type: kind ?? "g",
          precision: precision === undefined ? undefined : Number(precision),
          alternate: alternate !== undefined,
          plus,
          group,
        });
  if (align === "=" || (align === undefined && zero !== undefined))
    return before + digits.padStart(Number(width) - before.length, fill ?? "0");
  return padded(before + digits, fill ?? " ", align ?? ">", Number(width));
}

function plainNumber(number: number, plus: string, group: string, budget: Evaluation["budget"]) {
  if (Number.isInteger(number))
    return formatNumber(number, { type: "d", precision: undefined, alternate: false, plus, group });
  return { sign: number < 0 ? "-" : plus, digits: pythonText(Math.abs(number), budget) };
}

function padded(text: string, fill: string, align: string, width: number): string {
  const missing = Math.max(0, width - [...text].length);
  const left = align === ">" || align === "=" ? missing : align === "^" ? Math.floor(missing / 2) : 0;
  return fill.repeat(left) + text + fill.repeat(missing - left);
}
