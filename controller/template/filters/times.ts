import type { CallArguments, Evaluation } from "../evaluation.ts";
import { strftime } from "../strftime.ts";
import { argument, takeNumber, takeText } from "../take.ts";
import { excerpt, Refusal } from "../value.ts";
import { type Filter, type Filters, onText } from "./filter.ts";

/** `'%Y-%m-%d' | strftime(seconds)`: seconds since 1970, in UTC, wherever the controller stands. */
function format(text: string, args: CallArguments, { budget }: Evaluation): string {
  const given = argument(args, 0, "second");
  if (given === undefined || given === null)
    throw new Refusal("templates have no clock", "give the seconds since 1970: '%Y-%m-%d' | strftime(seconds)");
  const seconds = typeof given === "string" ? Number(given) : takeNumber(given, "the seconds since 1970");
  // The years that are written with four digits.
  if (!(Math.abs(seconds) < 253402300800)) throw new Refusal(`${excerpt(given)} is no number of seconds since 1970`);
  budget.spendText(text.length * 20);
  return strftime(text, new Date(Math.floor(seconds) * 1000));
}

/** The milliseconds of a unit, by its short name. */
const lengths: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  mo: 2_592_000_000,
  y: 31_536_000_000,
};
const longNames: Readonly<Record<string, string>> = {
  millisecond: "ms",
  msec: "ms",
  msecond: "ms",
  sec: "s",
  second: "s",
  min: "m",
  minute: "m",
  hour: "h",
  day: "d",
  week: "w",
  month: "mo",
  year: "y",
};

/** The milliseconds of a unit; `month` and `year` may say how many days theirs have. */
function lengthOf(name: string, args: CallArguments): number {
  const single = name.replace(/s+$/, "");
  const short = Object.hasOwn(longNames, single) ? (longNames[single] ?? name) : name;
  const length = Object.hasOwn(lengths, short) ? lengths[short] : undefined;
  if (length === undefined)
    throw new Refusal(`there is no unit of time ${excerpt(name)}`, `there are ${Object.keys(lengths).join(", ")}`);
  const days =
    short === "mo" ? argument(args, Infinity, "month") : short === "y" ? argument(args, Infinity, "year") : undefined;
  return days === undefined ? length : takeNumber(days, "the days") * 86_400_000;
}

/** `2h 30m` in another unit. */
function inUnit(text: string, unit: string, args: CallArguments): number {
  const total = text
    .split(/\s+/)
    .filter((part) => part !== "" && text !== "0")
    .reduce((sum, part) => {
      const [, count, name = ""] = /^(-?\d+)(\w+)/.exec(part) ?? [];
      if (count === undefined) throw new Refusal(`${excerpt(text)} is no length of time`, "write 2h 30m");
      return sum + Number(count) * lengthOf(name, args);
    }, 0);
  return Number((total / lengthOf(unit, args)).toFixed(12));
}

function to(unit: string): Filter {
  return onText(["year", "month"], (text, args) => inUnit(text, unit, args));
}

/** Filters of time. */
export const timeFilters: Filters = {
  strftime: onText(["second", "utc"], format),
  to_time_unit: onText(["unit", "year", "month"], (text, args) =>
    inUnit(text, takeText(argument(args, 0, "unit") ?? "ms", "unit"), args),
  ),
  to_milliseconds: to("ms"),
  to_seconds: to("s"),
  to_minutes: to("m"),
  to_hours: to("h"),
  to_days: to("d"),
  to_weeks: to("w"),
  to_months: to("mo"),
  to_years: to("y"),
};
