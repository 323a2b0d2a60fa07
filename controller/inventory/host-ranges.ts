const mostHosts = 100_000;
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const range = /^([^[]*)\[([^\]:]*):([^\]:]*)(?::([^\]:]*))?\](.*)$/;

/** The host names that `n[01:50]`, `n[01:50:2]` or `n[a:f]` stands for, bounds included; a string where it is wrong. */
export function expandHosts(pattern: string): string[] | { problem: string } {
  const match = range.exec(pattern);
  if (match === null) {
    if (/[[\]]/.test(pattern))
      return { problem: `'${pattern}' has a bracket without a range: a range is written [01:50]` };
    return [pattern];
  }
  const [, before = "", from = "", to = "", step = "1", after = ""] = match;
  const middle = expandRange(from === "" ? "0" : from, to, step);
  if (middle === undefined)
    return {
      problem: `'[${from}:${to}]' in '${pattern}' is no range: it goes up, from a number to a number or from a letter to a letter`,
    };
  if (/^0\d/.test(from) && from.length !== to.length)
    return { problem: `the bounds of '[${from}:${to}]' in '${pattern}' must have the same length` };
  const rest = expandHosts(after);
  if (!Array.isArray(rest)) return rest;
  if (middle.length * rest.length > mostHosts)
    return { problem: `'${pattern}' stands for more than ${mostHosts} hosts` };
  return middle.flatMap((each) => rest.map((end) => before + each + end));
}

function expandRange(from: string, to: string, step: string): string[] | undefined {
  const width = Number(step);
  if (!/^\d+$/.test(step) || width < 1) return undefined;
  if (/^\d{1,9}$/.test(from) && /^\d{1,9}$/.test(to)) {
    const digits = /^0\d/.test(from) ? from.length : 0;
    return numbers(Number(from), Number(to), width)?.map((number) => String(number).padStart(digits, "0"));
  }
  if (from.length !== 1 || to.length !== 1 || !letters.includes(from) || !letters.includes(to)) return undefined;
  return numbers(letters.indexOf(from), letters.indexOf(to), width)?.map((index) => letters.charAt(index));
}

function numbers(from: number, to: number, step: number): number[] | undefined {
  const length = Math.floor((to - from) / step) + 1;
  if (length < 1 || length > mostHosts) return undefined;
  return Array.from({ length }, (_, index) => from + index * step);
}
