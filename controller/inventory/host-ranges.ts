import { parseAddress } from "./address.ts";

const mostHosts = 100_000;
const mostRanges = 10;
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const range = /^([^[]*)\[([^\]:]*):([^\]:]*)(?::([^\]:]*))?\](.*)$/s;

export interface HostNames {
  names: string[];
  /** `host:22`; all of them have it. */
  port: number | undefined;
}

/** The hosts that an inventory's word stands for: a name with a port, ranges (bounds included), an address. */
export function readHostNames(text: string): HostNames | { problem: string } {
  const address = parseAddress(text);
  const names = expandHosts(address?.host ?? text);
  return Array.isArray(names) ? { names, port: address?.port } : names;
}

function expandHosts(pattern: string, depth = 0): string[] | { problem: string } {
  const match = range.exec(pattern);
  if (match === null || depth === mostRanges) {
    if (pattern.includes("["))
      return {
        problem:
          match === null
            ? `'${pattern}' has a bracket without a range: a range is written [01:50]`
            : `'${pattern}' is more than ${mostRanges} ranges deep`,
      };
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
  const rest = expandHosts(after, depth + 1);
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
