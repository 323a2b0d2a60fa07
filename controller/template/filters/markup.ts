import type { Evaluation } from "../evaluation.ts";
import { type Filters, onText } from "./filter.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};
const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

function escapeMarkup(text: string, { budget }: Evaluation): string {
  const escaped = text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);
  budget.spendText(escaped.length);
  return escaped;
}

/** Text without comments and tags, runs of white space as one space. */
function stripTags(text: string): string {
  return without(without(text, "<!--", "-->"), "<", ">")
    .split(/\s+/)
    .filter((word) => word !== "")
    .join(" ")
    .replaceAll(
      /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w+));/g,
      (all, decimal?: string, hex?: string, name?: string) => {
        if (name !== undefined) return named[name] ?? all;
        const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
      },
    );
}

/** Text without what stands between two marks; a mark that is never closed stays. */
function without(text: string, open: string, close: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(open); at >= 0; at = text.indexOf(open, from)) {
    const end = text.indexOf(close, at);
    if (end < 0) break;
    parts.push(text.slice(from, at));
    from = end + close.length;
  }
  return parts.join("") + text.slice(from);
}

const escapes = onText([], (text, _, evaluation) => escapeMarkup(text, evaluation));

/** Filters of HTML and its like. */
export const markupFilters: Filters = {
  e: escapes,
  escape: escapes,
  striptags: onText([], stripTags),
};
