import { replaceText, splitText, stripText } from "../methods/parts.ts";
import { capitalize } from "../methods/text.ts";
import { argument, takeText, takeWhole } from "../take.ts";
import { pythonText } from "../text.ts";
import { Refusal, type Value } from "../value.ts";
import { type Filters, onText } from "./filter.ts";

function most(given: Value | undefined, name: string): number {
  return given === undefined || given === null ? -1 : takeWhole(given, name);
}

/** A word that a shell reads as one, as Python's `shlex.quote`. */
function quote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Every word with a large letter, as Jinja parts words: at white space, dashes and opening brackets. */
function title(text: string): string {
  return text.replaceAll(
    /(^|[-\s({[<]+)([^-\s({[<])([^-\s({[<]*)/g,
    (_, before: string, first: string, rest: string) => before + first.toUpperCase() + rest.toLowerCase(),
  );
}

const forms = ["NFC", "NFD", "NFKC", "NFKD"];

const quoteFilter = onText([], quote);

/** Filters from text to text. */
export const textFilters: Filters = {
  lower: onText([], (text) => text.toLowerCase()),
  upper: onText([], (text) => text.toUpperCase()),
  capitalize: onText([], capitalize),
  title: onText([], title),
  trim: onText(["chars"], (text, args) => stripText(text, argument(args, 0, "chars"), "both")),
  replace: onText(["old", "new", "count"], (text, args, evaluation) => {
    const part = (position: number, name: string) => {
      const given = argument(args, position, name);
      if (given === undefined) throw new Refusal(`'replace' needs ${name}: replace('old', 'new')`);
      return pythonText(given, evaluation.budget);
    };
    return replaceText(text, part(0, "old"), part(1, "new"), most(argument(args, 2, "count"), "count"), evaluation);
  }),
  split: onText(["sep", "maxsplit"], (text, args) =>
    splitText(text, argument(args, 0, "sep"), most(argument(args, 1, "maxsplit"), "maxsplit")),
  ),
  quote: {
    takes: [],
    does: (value, args, evaluation) => (value === null ? "''" : quoteFilter.does(value, args, evaluation)),
  },
  unicode_normalize: onText(["form"], (text, args) => {
    const form = takeText(argument(args, 0, "form") ?? "NFC", "form");
    if (!forms.includes(form)) throw new Refusal(`there is no form '${form}'`, `there are ${forms.join(", ")}`);
    return text.normalize(form);
  }),
};
