import { Refusal } from "../value.ts";

/** How a number is written, for `printf` and for `str.format`, which differ in little. */
export interface NumberForm {
  /** The letter: d, x, X, o, b, e, E, f, F, g, G or %. */
  type: string;
  precision: number | undefined;
  /** `0x` before hexadecimal digits, and the like. */
  alternate: boolean;
  /** What stands before a positive number: nothing, `+` or a space. */
  plus: string;
  /** What stands between thousands. */
  group: string;
}

/** Digits and places of one number. */
export const mostWidth = 10_000;
const bases: Readonly<Record<string, number>> = { x: 16, X: 16, o: 8, b: 2 };

/** A number's sign and prefix, and its digits: what padding with zeros goes between. */
export function formatNumber(value: number, form: NumberForm): { sign: string; digits: string } {
  const { type, alternate, plus } = form;
  const base = bases[type];
  const size = Math.abs(value);
  const sign =
    value < 0 || Object.is(value, -0) ? (base === undefined && type !== "d" ? "-" : value < 0 ? "-" : plus) : plus;
  if (base !== undefined || type === "d") {
    const digits = BigInt(Math.trunc(size)).toString(base ?? 10);
    const prefix = alternate && base !== undefined ? `0${type}` : "";
    return { sign: sign + prefix, digits: grouped(type === "X" ? digits.toUpperCase() : digits, form.group) };
  }
  const digits = type === "%" ? `${fixed(size * 100, form.precision ?? 6)}%` : realDigits(size, form);
  const [, whole = "", rest = ""] = /^(\d*)(.*)$/s.exec(digits) ?? [];
  return { sign, digits: grouped(whole, form.group) + rest };
}

function grouped(digits: string, group: string): string {
  return group === "" ? digits : digits.replaceAll(/\B(?=(\d{3})+$)/g, group);
}

function fixed(size: number, precision: number): string {
  if (precision > 100) throw new Refusal("a number has at most 100 digits behind the point");
  return size < 1e21
    ? size.toFixed(precision)
    : BigInt(size).toString() + (precision > 0 ? `.${"0".repeat(precision)}` : "");
}

function realDigits(size: number, { type, precision = 6, alternate }: NumberForm): string {
  const lower = type.toLowerCase();
  if (lower === "f") return fixed(size, precision);
  if (lower === "e") return exponent(size.toExponential(Math.min(100, precision)), type);
  // g: significant digits; an exponent where there would be too many places.
  const significant = Math.max(1, Math.min(100, precision));
  const power = size === 0 ? 0 : Number(size.toExponential(significant - 1).split("e")[1]);
  const isPlain = power >= -4 && power < significant;
  const digits = isPlain ? size.toFixed(Math.min(100, significant - 1 - power)) : size.toExponential(significant - 1);
  const trimmed = alternate ? digits : digits.replace(/(\.\d*?)0+(?=e|$)/, "$1").replace(/\.(?=e|$)/, "");
  return isPlain ? trimmed : exponent(trimmed, type === "G" ? "E" : "e");
}

/** Python's exponents have two digits at least. */
function exponent(text: string, letter: string): string {
  return text.replace(/e([+-])(\d+)$/, (_, sign: string, digits: string) => letter + sign + digits.padStart(2, "0"));
}
