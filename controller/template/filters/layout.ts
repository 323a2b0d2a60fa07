import type { CallArguments, Evaluation } from "../evaluation.ts";
import { printf } from "../format/printf.ts";
import { splitLines } from "../lines.ts";
import { centered } from "../methods/padding.ts";
import { argument, defined, takeFlag, takeText, takeWhole } from "../take.ts";
import { pythonText } from "../text.ts";
import { excerpt, Refusal, type Value } from "../value.ts";
import { wrapText } from "../wrap.ts";
import { type Filters, onText } from "./filter.ts";

function indent(text: string, args: CallArguments, { budget }: Evaluation): string {
  const given = argument(args, 0, "width") ?? 4;
  const margin =
    typeof given === "string" ? given : " ".repeat(Math.min(10_000, Math.max(0, takeWhole(given, "width"))));
  const [first, blank] = [takeFlag(argument(args, 1, "first"), false), takeFlag(argument(args, 2, "blank"), false)];
  const lines = splitLines(`${text}\n`);
  budget.spendText(text.length + lines.length * margin.length);
  const rest = lines.map((line, index) => (index === 0 || (line === "" && !blank) ? line : margin + line));
  return (first ? margin : "") + rest.join("\n");
}

function truncate(text: string, args: CallArguments): string {
  const length = takeWhole(argument(args, 0, "length") ?? 255, "length");
  const end = takeText(argument(args, 2, "end") ?? "...", "end");
  const leeway = takeWhole(argument(args, 3, "leeway") ?? 5, "leeway");
  if (length < end.length || leeway < 0)
    throw new Refusal(`'truncate' needs room for '${end}', got ${length} characters`);
  if (text.length <= length + leeway) return text;
  const kept = text.slice(0, length - end.length);
  if (takeFlag(argument(args, 1, "killwords"), false)) return kept + end;
  const space = kept.lastIndexOf(" ");
  return (space < 0 ? kept : kept.slice(0, space)) + end;
}

interface Style {
  beginning?: string;
  decoration: string;
  end?: string;
}

const styles: Readonly<Record<string, Style>> = {
  plain: { decoration: "# " },
  erlang: { decoration: "% " },
  c: { decoration: "// " },
  cblock: { beginning: "/*", decoration: " * ", end: " */" },
  xml: { beginning: "<!--", decoration: " - ", end: "-->" },
};

/** A text as a comment of a file in some language, line for line as Ansible lays it out. */
function comment(text: string, args: CallArguments, { budget }: Evaluation): string {
  const name = takeText(argument(args, 0, "style") ?? "plain", "style");
  const style = Object.hasOwn(styles, name) ? styles[name] : undefined;
  if (style === undefined)
    throw new Refusal(`there is no style ${excerpt(name)}`, `there are ${Object.keys(styles).join(", ")}`);
  const option = (key: string, otherwise: string) => takeText(argument(args, Infinity, key) ?? otherwise, key);
  const count = (key: string) => Math.min(10_000, takeWhole(argument(args, Infinity, key) ?? 1, key));
  const newline = option("newline", "\n");
  const decoration = option("decoration", style.decoration);
  const beginning = option("beginning", style.beginning ?? "");
  const end = option("end", style.end ?? "");
  const prefix = option("prefix", decoration.trimEnd());
  const postfix = option("postfix", decoration.trimEnd());
  const lines = text.replaceAll(newline, newline + decoration);
  budget.spendText(lines.length + count("prefix_count") * prefix.length + count("postfix_count") * postfix.length);
  const body = (decoration + lines).replaceAll(decoration + newline, decoration.trimEnd() + newline);
  const before = prefix === "" ? "" : (prefix === newline ? newline : prefix + newline).repeat(count("prefix_count"));
  const after = (newline + postfix).repeat(Math.max(0, count("postfix_count")));
  return `${beginning === "" ? "" : beginning + newline}${before}${body}${after}${end === "" ? "" : newline + end}`;
}

function wordwrap(text: string, args: CallArguments, { budget }: Evaluation): string {
  const width = takeWhole(argument(args, 0, "width") ?? 79, "width");
  if (width < 1) throw new Refusal("a line has at least one character");
  const breaksWords = takeFlag(argument(args, 1, "break_long_words"), true);
  const given = argument(args, 2, "wrapstring");
  const newline = given === undefined || given === null ? "\n" : takeText(given, "wrapstring");
  const breaksHyphens = takeFlag(argument(args, 3, "break_on_hyphens"), true);
  const lines = splitLines(text).map((line) => wrapText(line, { width, breaksWords, breaksHyphens }).join(newline));
  const wrapped = lines.join(newline);
  budget.spendText(wrapped.length);
  return wrapped;
}

function format(value: Value, args: CallArguments, { budget }: Evaluation): string {
  const named = Object.keys(args.named).length > 0;
  if (named && args.positional.length > 0) throw new Refusal("'format' takes values by place or by name, not both");
  return printf(
    pythonText(defined(value), budget),
    named ? args.named : args.positional.length === 1 ? [args.positional[0] ?? null] : args.positional,
    budget,
  );
}

const decorated = ["newline", "beginning", "prefix", "prefix_count", "decoration", "postfix", "postfix_count", "end"];

/** Filters that lay out text over lines and columns. */
export const layoutFilters: Filters = {
  indent: onText(["width", "first", "blank"], indent),
  center: onText(["width"], (text, args, { budget }) =>
    centered(text, takeWhole(argument(args, 0, "width") ?? 80, "width"), " ", budget),
  ),
  truncate: onText(["length", "killwords", "end", "leeway"], truncate),
  wordwrap: onText(["width", "break_long_words", "wrapstring", "break_on_hyphens"], wordwrap),
  wordcount: onText([], (text) => text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  comment: { ...onText(["style", ...decorated], comment) },
  format: { takes: undefined, does: format },
};
