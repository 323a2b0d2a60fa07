import type { CallArguments } from "../evaluation.ts";
import { argument, defined, takeNumber, takeText, takeWhole } from "../take.ts";
import { Refusal, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

const prefixes: Readonly<Record<number, RegExp>> = { 16: /^0x/, 8: /^0o/, 2: /^0b/ };
const decimal = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)([eE][+-]?\d+)?$/;

/** A whole number as Python's `int(text, base)` reads it; undefined where it does not. */
function readWhole(text: string, base: number): number | undefined {
  const [, sign = "", body = ""] = /^([+-]?)(.*)$/s.exec(text.trim().toLowerCase()) ?? [];
  const found = base === 0 ? [16, 8, 2].find((each) => prefixes[each]?.test(body)) : base;
  const digits = body.replace(prefixes[found ?? 10] ?? /^(?!)/, "").replace(/^_/, body === "" ? "_" : "");
  if (!/^[\da-z]+(_[\da-z]+)*$/.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "");
  const isIn = [...plain].every((digit) => Number.parseInt(digit, 36) < (found ?? 10));
  return isIn ? (sign === "-" ? -1 : 1) * Number.parseInt(plain, found ?? 10) : undefined;
}

function readNumber(text: string): number | undefined {
  const trimmed = text.trim();
  return decimal.test(trimmed) ? Number(trimmed.replaceAll("_", "")) : undefined;
}

function whole(number: number): number {
  if (Number.isFinite(number)) return Math.trunc(number) + 0;
  throw new Refusal("the number is too large");
}

function toWhole(value: Value, args: CallArguments): Value {
  const base = takeWhole(argument(args, 1, "base") ?? 10, "base");
  const fallback = argument(args, 0, "default") ?? 0;
  if (base !== 0 && (base < 2 || base > 36)) throw new Refusal(`a base is 0, or 2 to 36, got ${base}`);
  if (typeof defined(value) === "number" || typeof value === "boolean") return whole(Number(value));
  if (typeof value !== "string") return fallback;
  const number = readWhole(value, base) ?? readNumber(value);
  return number === undefined ? fallback : whole(number);
}

function toNumber(value: Value, args: CallArguments): Value {
  if (typeof defined(value) === "number" || typeof value === "boolean") return Number(value);
  const number = typeof value === "string" ? readNumber(value) : undefined;
  return number ?? argument(args, 0, "default") ?? 0;
}

/** Rounds as Python does: what lies exactly between two goes to the even one. */
function roundCommon(number: number, precision: number): number {
  if (precision < 0) {
    const unit = 10 ** -precision;
    return roundCommon(number / unit, 0) * unit;
  }
  const rounded = Number(number.toFixed(precision));
  // A fraction that lies exactly between two has one digit more, a 5, in its whole expansion.
  const behind = number.toFixed(100).split(".")[1]?.slice(precision) ?? "";
  if (!/^50*$/.test(behind)) return rounded;
  const step = 10 ** -precision;
  const below = Math.floor(number * 10 ** precision);
  return below % 2 === 0 ? Number((below * step).toFixed(precision)) : Number(((below + 1) * step).toFixed(precision));
}

function round(value: Value, args: CallArguments): Value {
  const number = typeof value === "boolean" ? Number(value) : takeNumber(value, "what is rounded");
  const method = takeText(argument(args, 1, "method") ?? "common", "method");
  const precision = Math.min(15, Math.max(-15, takeWhole(argument(args, 0, "precision") ?? 0, "precision")));
  const factor = 10 ** precision;
  if (method === "ceil") return Math.ceil(number * factor) / factor;
  if (method === "floor") return Math.floor(number * factor) / factor;
  if (method !== "common") throw new Refusal(`a method of 'round' is common, ceil or floor, got '${method}'`);
  return Math.abs(number) >= 2 ** 53 ? number : roundCommon(number, precision);
}

function finite(number: number, what: string): number {
  if (Number.isFinite(number)) return number;
  throw new Refusal(`${what} is not a number that can be held`);
}

const numberOf = (value: Value | undefined, what: string) =>
  typeof value === "boolean" ? Number(value) : takeNumber(value, what);

function logarithm(value: Value, args: CallArguments): Value {
  const number = numberOf(value, "what 'log' takes");
  const base = argument(args, 0, "base");
  if (number <= 0) throw new Refusal("'log' takes numbers above zero");
  if (base === undefined) return Math.log(number);
  const given = numberOf(base, "base");
  if (given === 10) return Math.log10(number);
  if (given <= 0 || given === 1) throw new Refusal("the base of 'log' is above zero, and not 1");
  return Math.log(number) / Math.log(given);
}

function root(value: Value, args: CallArguments): Value {
  const number = numberOf(value, "what 'root' takes");
  const base = numberOf(argument(args, 0, "base") ?? 2, "base");
  if (base === 0 || (number < 0 && base % 2 !== 1)) throw new Refusal("there is no such root");
  return finite(base === 2 ? Math.sqrt(number) : number ** (1 / base), "the root");
}

/** Filters of numbers. */
export const numberFilters: Filters = {
  int: { takes: ["default", "base"], does: toWhole },
  float: { takes: ["default"], does: toNumber },
  abs: { takes: [], does: (value) => Math.abs(numberOf(value, "what 'abs' takes")) },
  round: { takes: ["precision", "method"], does: round },
  log: { takes: ["base"], does: logarithm },
  pow: {
    takes: ["y"],
    does: (value, args) =>
      finite(numberOf(value, "what 'pow' takes") ** numberOf(argument(args, 0, "y"), "the exponent"), "the power"),
  },
  root: { takes: ["base"], does: root },
};
