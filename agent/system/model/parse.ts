import { Errno } from "./errno.ts";
import type { Kernel } from "./versions.ts";

/** Without one newline at the end: what most stores begin with. */
export function chomp(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

/** kstrtobool (lib/kstrtox.c): only leading characters are looked at. Throws EINVAL. */
export function parseBool(text: string, kernel: Kernel): boolean {
  const [first = "", second = ""] = text.toLowerCase();
  if (first === "1" || first === "y") return true;
  if (first === "0" || first === "n") return false;
  if (first === "o" && second === "n") return true;
  if (first === "o" && second === "f") return false;
  if (kernel.does.boolTrueFalse && first === "t") return true;
  if (kernel.does.boolTrueFalse && first === "f") return false;
  if (kernel.does.boolEnable && first === "e") return true;
  if (kernel.does.boolEnable && first === "d") return false;
  throw new Errno("EINVAL");
}

/** kstrtoint and its sisters with base 0: 0x10, 010, +7; a sign only where the range has one. Throws EINVAL and ERANGE. */
export function parseInteger(text: string, range: { min: number; max: number }): number {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(chomp(text));
  const [, sign = "", digits = ""] = match ?? [];
  if (match === null || (sign === "-" && range.min >= 0)) throw new Errno("EINVAL");
  const octal = /^0\d/.test(digits);
  const value = (sign === "-" ? -1 : 1) * (octal ? Number.parseInt(digits, 8) : Number(digits));
  if (value < range.min || value > range.max) throw new Errno("ERANGE");
  return value;
}

export const u8 = { min: 0, max: 0xff } as const;
export const u16 = { min: 0, max: 0xffff } as const;
export const u32 = { min: 0, max: 0xffffffff } as const;
export const int = { min: -0x80000000, max: 0x7fffffff } as const;

/** As {@link parseInteger} where the store answers EINVAL to everything. */
export function parseIn(text: string, range: { min: number; max: number }): number {
  try {
    return parseInteger(text, range);
  } catch {
    throw new Errno("EINVAL");
  }
}

/** sscanf("%hu"): decimal digits at the front, without a sign, wrapped to 16 bits. Throws EINVAL where there are none. */
export function scanU16(text: string): number {
  const match = /^\s*(\d+)/.exec(text);
  if (match === null) throw new Errno("EINVAL");
  return Number(BigInt.asUintN(16, BigInt(match[1] ?? "0")));
}

/** One of these words, as a whole line. Throws EINVAL, with what nvmet says of such a value for `field`. */
export function oneOf<W extends string>(text: string, words: readonly W[], field: string): W {
  const found = words.find((word) => word === chomp(text));
  if (found === undefined) throw invalid(text, field);
  return found;
}

export function invalid(text: string, field: string): Errno {
  return new Errno("EINVAL", `Invalid value '${chomp(text)}' for ${field}`);
}

/** The first word among these that the text begins with. Throws EINVAL. */
export function startingWith<W extends string>(text: string, words: readonly W[]): W {
  const found = words.find((word) => text.startsWith(word));
  if (found === undefined) throw new Errno("EINVAL");
  return found;
}

/** The first word. */
export function firstWord(text: string): string {
  return /\S+/.exec(text)?.[0] ?? "";
}

/** lib/uuid.c: 36 characters, whatever follows. Throws EINVAL. */
export function parseUuid(text: string): string {
  const match = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(text);
  if (match === null) throw new Errno("EINVAL");
  return match[0].toLowerCase();
}

/** Sixteen pairs of hexadecimal digits, each with an optional - or : behind it. Throws EINVAL. */
export function parseNguid(text: string): string {
  const match = /^([0-9a-f]{2}[-:]?){15}[0-9a-f]{2}/i.exec(text);
  if (match === null) throw new Errno("EINVAL");
  return asUuid(match[0].replace(/[-:]/g, "").toLowerCase());
}

/** 32 hexadecimal digits in the form of a UUID. */
export function asUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
