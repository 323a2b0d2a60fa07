import { isJsonRecord, type Json, type JsonRecord } from "../../shared/protocol/json.ts";
import type { Paint } from "./paint.ts";

/** Lines around a change. */
const context = 3;
/** Pairs of lines that are compared; beyond that all lines between the first and the last change are shown as changed. */
const mostCompared = 4_000_000;

type Mark = " " | "-" | "+";
type Line = readonly [mark: Mark, text: string];

/** What a result says of changes in a file, or in several things, as `diff -u` and Ansible show it; nothing where it says none. */
export function diffLines(result: Json, paint: Paint): string {
  if (!isJsonRecord(result) || result.diff === undefined) return "";
  return [result.diff]
    .flat()
    .map((diff) => (isJsonRecord(diff) ? linesOfOne(diff, paint) : ""))
    .join("");
}

function linesOfOne({ before, after, before_header: from, after_header: to }: JsonRecord, paint: Paint): string {
  const lines = compare(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines);
  if (hunks === "") return "";
  const head = (word: string, header: Json | undefined) => (typeof header === "string" ? `${word}: ${header}` : word);
  const whole = `--- ${head("before", from)}\n+++ ${head("after", to)}\n${hunks}`;
  return whole
    .split(/(?<=\n)/)
    .map((line) => colour(line, paint))
    .join("");
}

function colour(line: string, paint: Paint): string {
  const text = line.slice(0, -1);
  if (line.startsWith("+")) return `${paint.ok(text)}\n`;
  if (line.startsWith("-")) return `${paint.failed(text)}\n`;
  return line.startsWith("@@") ? `${paint.skipped(text)}\n` : line;
}

/** With what ends them; what is no text as JSON. */
function linesOf(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  const text = typeof value === "string" ? value : `${JSON.stringify(value, undefined, 4)}\n`;
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** Both sides as one list, with what only one of them has marked. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  const same = (lines: readonly string[]) => lines.map((text): Line => [" ", text]);
  const middle = between(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(before.length - end))];
}

/** By the longest common subsequence. */
function between(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  if (before.length * after.length > mostCompared) {
    return [...before.map((text): Line => ["-", text]), ...after.map((text): Line => ["+", text])];
  }
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      lines.push([" ", old]);
      i++;
      j++;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(["-", old]);
      i++;
    } else if (fresh !== undefined) {
      lines.push(["+", fresh]);
      j++;
    }
  }
  return lines;
}

function hunksOf(lines: readonly Line[]): string {
  let text = "";
  let old = 1;
  let fresh = 1;
  for (let at = 0; at < lines.length; ) {
    const first = lines.findIndex(([mark], index) => index >= at && mark !== " ");
    if (first < 0) break;
    const from = Math.max(at, first - context);
    let end = first;
    for (let index = first; index < lines.length && index <= end + 2 * context; index++) {
      if (lines[index]?.[0] !== " ") end = index;
    }
    const to = Math.min(lines.length, end + 1 + context);
    old += from - at;
    fresh += from - at;
    const hunk = lines.slice(from, to);
    const counts = [
      hunk.filter(([mark]) => mark !== "+").length,
      hunk.filter(([mark]) => mark !== "-").length,
    ] as const;
    text += `@@ -${range(old, counts[0])} +${range(fresh, counts[1])} @@\n`;
    text += hunk
      .map(([mark, line]) => `${mark}${line}${line.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`)
      .join("");
    old += counts[0];
    fresh += counts[1];
    at = to;
  }
  return text;
}

function range(start: number, count: number): string {
  if (count === 1) return String(start);
  return `${count === 0 ? start - 1 : start},${count}`;
}
