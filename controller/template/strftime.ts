import { Refusal } from "./value.ts";

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = ["January", "February", "March", "April", "May", "June"].concat([
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
]);

type Directive = (date: Date) => string;

const two = (value: number, fill = "0") => String(value).padStart(2, fill);
const hour12 = (date: Date) => date.getUTCHours() % 12 || 12;
const weekday = (date: Date) => date.getUTCDay() || 7;
const dayOfYear = (date: Date) =>
  Math.round(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) /
      86_400_000,
  ) + 1;

/** The year and the week of ISO 8601: the week that has the year's first Thursday is its first. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - weekday(date)));
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
}

/** The directives of C's `strftime` in the plain locale, in UTC. */
const directives: Readonly<Record<string, Directive>> = {
  "%": () => "%",
  n: () => "\n",
  t: () => "\t",
  a: (date) => (days[date.getUTCDay()] ?? "").slice(0, 3),
  A: (date) => days[date.getUTCDay()] ?? "",
  b: (date) => (months[date.getUTCMonth()] ?? "").slice(0, 3),
  h: (date) => (months[date.getUTCMonth()] ?? "").slice(0, 3),
  B: (date) => months[date.getUTCMonth()] ?? "",
  c: (date) => strftime("%a %b %e %H:%M:%S %Y", date),
  C: (date) => two(Math.floor(date.getUTCFullYear() / 100)),
  d: (date) => two(date.getUTCDate()),
  D: (date) => strftime("%m/%d/%y", date),
  e: (date) => two(date.getUTCDate(), " "),
  F: (date) => strftime("%Y-%m-%d", date),
  g: (date) => two(isoWeek(date).year % 100),
  G: (date) => String(isoWeek(date).year),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date)).padStart(3, "0"),
  k: (date) => two(date.getUTCHours(), " "),
  l: (date) => two(hour12(date), " "),
  m: (date) => two(date.getUTCMonth() + 1),
  M: (date) => two(date.getUTCMinutes()),
  p: (date) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  P: (date) => (date.getUTCHours() < 12 ? "am" : "pm"),
  r: (date) => strftime("%I:%M:%S %p", date),
  R: (date) => strftime("%H:%M", date),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  S: (date) => two(date.getUTCSeconds()),
  T: (date) => strftime("%H:%M:%S", date),
  u: (date) => String(weekday(date)),
  U: (date) => two(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7)),
  V: (date) => two(isoWeek(date).week),
  w: (date) => String(date.getUTCDay()),
  W: (date) => two(Math.floor((dayOfYear(date) + 7 - weekday(date)) / 7)),
  x: (date) => strftime("%m/%d/%y", date),
  X: (date) => strftime("%H:%M:%S", date),
  y: (date) => two(date.getUTCFullYear() % 100),
  Y: (date) => String(date.getUTCFullYear()),
  z: () => "+0000",
  Z: () => "UTC",
};

/** A moment as a format says, in UTC. Throws a Refusal for a directive that there is not. */
export function strftime(format: string, date: Date): string {
  return format.replaceAll(/%([-_0^#]?)([\s\S]?)/g, (all, flag: string, letter: string) => {
    const directive = Object.hasOwn(directives, letter) ? directives[letter] : undefined;
    if (directive === undefined)
      throw new Refusal(`'${all}' is no directive of strftime`, "a percent sign is written %%");
    const text = directive(date);
    if (flag === "-") return text.replace(/^[0 ](?=.)/, "");
    if (flag === "_") return text.replace(/^0(?=.)/, " ");
    return flag === "^" ? text.toUpperCase() : text;
  });
}
