import type { CallArguments } from "../evaluation.ts";
import { argument, defined, takeFlag, takeNumber, takeText } from "../take.ts";
import { excerpt, Refusal, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

const units: readonly string[] = ["Y", "Z", "E", "P", "T", "G", "M", "K", "B"];
const limitOf = (unit: string) => 1024 ** (units.length - 1 - units.indexOf(unit));

function sizeOf(value: Value, what: string): number {
  return takeNumber(typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value, what);
}

/** Bytes, or bits, for people: `1048576` is `1.00 MB`, in steps of 1024 as in Ansible. */
function humanReadable(value: Value, args: CallArguments): string {
  const size = sizeOf(defined(value), "what 'human_readable' shows");
  const base = takeFlag(argument(args, 0, "isbits"), false) ? "bits" : "Bytes";
  const wanted = argument(args, 1, "unit");
  const given = wanted === undefined || wanted === null ? undefined : takeText(wanted, "unit").toUpperCase();
  const unit = units.find((each) => (given === undefined ? size >= limitOf(each) : given === each)) ?? "B";
  if (given !== undefined && given !== unit)
    throw new Refusal(`there is no unit ${excerpt(given)}`, `a unit is one letter: ${units.join(", ")}`);
  return `${(size / limitOf(unit)).toFixed(2)} ${unit === "B" ? base : unit + base.charAt(0)}`;
}

/** `10G`, `1.5 MB`, in steps of 1024, as a number of bytes; bits with `isbits`. */
function humanToBytes(value: Value, args: CallArguments): number {
  const text = typeof value === "number" ? String(value) : takeText(value, "what 'human_to_bytes' reads");
  const isBits = takeFlag(argument(args, 1, "isbits"), false);
  const otherwise = argument(args, 0, "default_unit");
  const [, digits = "", letters] = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text) ?? [];
  const unit =
    letters ?? (otherwise === undefined || otherwise === null ? undefined : takeText(otherwise, "default_unit"));
  if (!/\d/.test(digits))
    throw new Refusal(`${excerpt(text)} is not a size`, "a size is a number with a unit: 10G, 1.5 MB");
  if (unit === undefined) return roundHalfEven(Number(digits));
  const range = unit.charAt(0).toUpperCase();
  if (!units.includes(range))
    throw new Refusal(`there is no unit ${excerpt(unit)}`, `a unit begins with ${units.join(", ")}`);
  const [sign, name] = isBits ? ["b", "bit"] : ["B", "byte"];
  if (unit.length > 1 && !unit.toLowerCase().includes(name) && unit.charAt(1) !== sign)
    throw new Refusal(
      `${excerpt(text)} does not end in a unit of ${name}s`,
      `write ${range}${sign === "B" && range === "B" ? "" : sign} or ${range}`,
    );
  return roundHalfEven(Number(digits) * limitOf(range));
}

function roundHalfEven(number: number): number {
  const down = Math.floor(number);
  return number - down === 0.5 ? down + (down % 2) : Math.round(number);
}

/** Bytes for people with the prefixes of 1000, or of 1024 where `binary`. */
function fileSizeFormat(value: Value, args: CallArguments): string {
  const bytes = sizeOf(defined(value), "what 'filesizeformat' shows");
  const isBinary = takeFlag(argument(args, 0, "binary"), false);
  const base = isBinary ? 1024 : 1000;
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const letters = isBinary ? [..."KMGTPEZY"] : [..."kMGTPEZY"];
  const index = Math.max(
    0,
    letters.findIndex((_, each) => bytes < base ** (each + 2)),
  );
  const place = bytes < base ** (letters.length + 1) ? index : letters.length - 1;
  return `${((base * bytes) / base ** (place + 2)).toFixed(1)} ${letters[place]}${isBinary ? "iB" : "B"}`;
}

/** Filters of sizes. */
export const sizeFilters: Filters = {
  human_readable: { takes: ["isbits", "unit"], does: humanReadable },
  human_to_bytes: { takes: ["default_unit", "isbits"], does: humanToBytes },
  filesizeformat: { takes: ["binary"], does: fileSizeFormat },
};
