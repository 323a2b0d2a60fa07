import type { CallArguments, Evaluation } from "../evaluation.ts";
import { formatBraces } from "../format/braces.ts";
import { splitLines } from "../lines.ts";
import { argument, takeFlag, takeItems, takeText, takeWhole } from "../take.ts";
import { excerpt, isList, Refusal, typeName, type Value } from "../value.ts";
import type { Method, Methods } from "./method.ts";
import { centered, justified, zeroFilled } from "./padding.ts";
import { partition, replaceText, splitText, stripText } from "./parts.ts";

const text = (args: CallArguments, position: number, name: string) => takeText(argument(args, position, name), name);
const whole = (args: CallArguments, position: number, name: string, otherwise: number) => {
  const given = argument(args, position, name);
  return given === undefined || given === null ? otherwise : takeWhole(given, name);
};

/** The part of a text that `find(text, start, end)` looks at, and where it begins. */
function within(of: string, args: CallArguments): { part: string; start: number } {
  const bound = (position: number, name: string, otherwise: number) => {
    const index = whole(args, position, name, otherwise);
    return Math.min(of.length, Math.max(0, index < 0 ? index + of.length : index));
  };
  const start = bound(1, "start", 0);
  return { part: of.slice(start, bound(2, "end", of.length)), start };
}

function affix(holds: (part: string, affix: string) => boolean): Method<string> {
  return {
    takes: ["text", "start", "end"],
    does: (of, args) => {
      const given = argument(args, 0, "text") ?? null;
      const { part } = within(of, args);
      return (isList(given) ? given : [given]).some((each) => holds(part, takeText(each, "text")));
    },
  };
}

function find(side: "left" | "right", isStrict: boolean): Method<string> {
  return {
    takes: ["text", "start", "end"],
    does: (of, args) => {
      const { part, start } = within(of, args);
      const wanted = text(args, 0, "text");
      const at = side === "left" ? part.indexOf(wanted) : part.lastIndexOf(wanted);
      if (at < 0 && isStrict)
        throw new Refusal(`the text has no ${excerpt(wanted)}`, "'find' gives -1 where it has none");
      return at < 0 ? -1 : at + start;
    },
  };
}

/** A method without arguments. */
function plain(does: (of: string) => Value): Method<string> {
  return { takes: [], does };
}

/** Whether a text is not empty, and all of its characters are of one sort. */
const all = (form: RegExp) => plain((of) => form.test(of));

function strip(side: "both" | "left" | "right"): Method<string> {
  return { takes: ["characters"], does: (of, args) => stripText(of, argument(args, 0, "characters"), side) };
}

function split(side: "left" | "right"): Method<string> {
  return {
    takes: ["sep", "maxsplit"],
    does: (of, args) => splitText(of, argument(args, 0, "sep"), whole(args, 1, "maxsplit", -1), side),
  };
}

function pad(does: (of: string, width: number, fill: string, evaluation: Evaluation) => string): Method<string> {
  return {
    takes: ["width", "fillchar"],
    does: (of, args, evaluation) => {
      const fill = takeText(argument(args, 1, "fillchar") ?? " ", "fillchar");
      if ([...fill].length !== 1) throw new Refusal("a text is filled up with one character");
      return does(of, takeWhole(argument(args, 0, "width"), "width"), fill, evaluation);
    },
  };
}

function swapCase(of: string): string {
  return of.replaceAll(/\p{L}/gu, (char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()));
}

/** Every word, as it is for Python: a run of letters. */
export function titleCase(of: string): string {
  return of.replaceAll(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}

/** The first character large, all others small. */
export function capitalize(of: string): string {
  return of.slice(0, 1).toUpperCase() + of.slice(1).toLowerCase();
}

/** Whether a text has letters, and all of them are small. */
export function isLower(of: string): boolean {
  return /\p{Ll}/u.test(of) && !/[\p{Lu}\p{Lt}]/u.test(of);
}

/** Whether a text has letters, and all of them are large. */
export function isUpper(of: string): boolean {
  return /\p{Lu}/u.test(of) && !/[\p{Ll}\p{Lt}]/u.test(of);
}

function expandTabs(of: string, args: CallArguments, { budget }: Evaluation): string {
  const size = whole(args, 0, "tabsize", 8);
  if (size > 1000) throw new Refusal("a tab has at most 1000 columns");
  budget.spendText(of.length * Math.max(1, size));
  let column = 0;
  return of.replaceAll(/[^\t\n\r]+|[\t\n\r]/g, (part) => {
    if (part === "\n" || part === "\r") column = 0;
    else if (part !== "\t") column += part.length;
    if (part !== "\t") return part;
    const width = size <= 0 ? 0 : size - (column % size);
    column += width;
    return " ".repeat(width);
  });
}

/** Methods of Python's `str`. */
export const textMethods: Methods<string> = {
  upper: plain((of) => of.toUpperCase()),
  lower: plain((of) => of.toLowerCase()),
  casefold: plain((of) => of.toLowerCase().replaceAll("ß", "ss")),
  swapcase: plain(swapCase),
  capitalize: plain(capitalize),
  title: plain(titleCase),
  strip: strip("both"),
  lstrip: strip("left"),
  rstrip: strip("right"),
  removeprefix: {
    takes: ["prefix"],
    does: (of, args) => (of.startsWith(text(args, 0, "prefix")) ? of.slice(text(args, 0, "prefix").length) : of),
  },
  removesuffix: {
    takes: ["suffix"],
    does: (of, args) => {
      const suffix = text(args, 0, "suffix");
      return suffix !== "" && of.endsWith(suffix) ? of.slice(0, -suffix.length) : of;
    },
  },
  split: split("left"),
  rsplit: split("right"),
  splitlines: {
    takes: ["keepends"],
    does: (of, args) => splitLines(of, takeFlag(argument(args, 0, "keepends"), false)),
  },
  partition: { takes: ["sep"], does: (of, args) => partition(of, text(args, 0, "sep"), "left") },
  rpartition: { takes: ["sep"], does: (of, args) => partition(of, text(args, 0, "sep"), "right") },
  replace: {
    takes: ["old", "new", "count"],
    does: (of, args, evaluation) =>
      replaceText(of, text(args, 0, "old"), text(args, 1, "new"), whole(args, 2, "count", -1), evaluation),
  },
  startswith: affix((part, each) => part.startsWith(each)),
  endswith: affix((part, each) => part.endsWith(each)),
  find: find("left", false),
  rfind: find("right", false),
  index: find("left", true),
  rindex: find("right", true),
  count: {
    takes: ["text", "start", "end"],
    does: (of, args) => splitText(within(of, args).part, text(args, 0, "text"), -1).length - 1,
  },
  center: pad((of, width, fill, { budget }) => centered(of, width, fill, budget)),
  ljust: pad((of, width, fill, { budget }) => justified(of, width, fill, "left", budget)),
  rjust: pad((of, width, fill, { budget }) => justified(of, width, fill, "right", budget)),
  zfill: {
    takes: ["width"],
    does: (of, args, { budget }) => zeroFilled(of, takeWhole(argument(args, 0, "width"), "width"), budget),
  },
  expandtabs: { takes: ["tabsize"], does: expandTabs },
  format: { takes: undefined, does: formatBraces },
  isdigit: all(/^[\p{Nd}²³¹⁰-⁹₀-₉]+$/u),
  isdecimal: all(/^\p{Nd}+$/u),
  isnumeric: all(/^\p{N}+$/u),
  isalpha: all(/^\p{L}+$/u),
  isalnum: all(/^[\p{L}\p{N}]+$/u),
  isspace: all(/^\s+$/),
  isascii: plain((of) => /^[\0-\x7f]*$/.test(of)),
  isidentifier: all(/^[\p{L}_][\p{L}\p{Nd}_]*$/u),
  islower: plain(isLower),
  isupper: plain(isUpper),
  istitle: plain((of) => /\p{L}/u.test(of) && of === titleCase(of)),
  join: {
    takes: ["items"],
    does: (of, args, evaluation) => {
      const items = takeItems(argument(args, 0, "items"), "items", evaluation).map((item) => {
        if (typeof item === "string") return item;
        throw new Refusal(
          `'join' of a text joins texts, got ${typeName(item)}`,
          "the filter joins anything: | join(', ')",
        );
      });
      evaluation.budget.spendText(items.reduce((length, item) => length + item.length + of.length, 0));
      return items.join(of);
    },
  },
};
