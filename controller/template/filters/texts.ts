import type { CallArguments, Evaluation } from "../evaluation.ts";
import { replaceText, splitText, stripText } from "../methods.ts";
import { argument, defined, takeFlag, takeItems, takeNumber, takeText, takeWhole } from "../take.ts";
import { renderText } from "../text.ts";
import { isList, Refusal, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

/** A filter from text to a value; numbers and the like are rendered first. */
function onText(takes: readonly string[], does: (text: string, args: CallArguments, evaluation: Evaluation) => Value) {
  return {
    takes,
    does: (value: Value, args: CallArguments, evaluation: Evaluation) => {
      const text = renderText(defined(value), evaluation.budget);
      evaluation.budget.spendText(text.length);
      return does(text, args, evaluation);
    },
  };
}

const whole = (args: CallArguments, position: number, name: string) =>
  takeWhole(argument(args, position, name) ?? -1, name);

/** The last part of a path, as Python's `os.path.basename`. */
function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf("/") + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, "");
}

const units = ["Y", "Z", "E", "P", "T", "G", "M", "K"];

/** Bytes, or bits, for people: `1048576` is `1.00 MB`, in steps of 1024 as in Ansible. */
function humanReadable(value: Value, args: CallArguments): string {
  const size = takeNumber(
    typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value,
    "what 'human_readable' shows",
  );
  const base = takeFlag(argument(args, 0, "isbits"), false) ? "bits" : "Bytes";
  const wanted = argument(args, 1, "unit");
  const letter =
    wanted === undefined || wanted === null ? undefined : takeText(wanted, "unit").slice(0, 1).toUpperCase();
  for (const [index, unit] of units.entries()) {
    const limit = 1024 ** (units.length - index);
    if (letter === unit || (letter === undefined && Math.abs(size) >= limit))
      return `${(size / limit).toFixed(2)} ${unit}${base.charAt(0)}`;
  }
  return `${size.toFixed(2)} ${base}`;
}

/** A word that a shell reads as one, as Python's `shlex.quote`. */
function quote(text: string): string {
  if (text !== "" && /^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

function pathJoin(value: Value, evaluation: Evaluation): string {
  const parts = isList(value)
    ? takeItems(value, "what is joined", evaluation).map((part) => takeText(part, "each part"))
    : [takeText(value, "the path")];
  return parts.reduce(
    (path, part) => (part.startsWith("/") || path === "" ? part : path.endsWith("/") ? path + part : `${path}/${part}`),
    "",
  );
}

export const textFilters: Filters = {
  lower: onText([], (text) => text.toLowerCase()),
  upper: onText([], (text) => text.toUpperCase()),
  capitalize: onText([], (text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase()),
  trim: onText(["chars"], (text, args) => stripText(text, argument(args, 0, "chars"), "both")),
  replace: onText(["old", "new", "count"], (text, args, evaluation) =>
    replaceText(
      text,
      takeText(argument(args, 0, "old"), "old"),
      takeText(argument(args, 1, "new"), "new"),
      whole(args, 2, "count"),
      evaluation,
    ),
  ),
  split: onText(["sep", "maxsplit"], (text, args) =>
    splitText(text, argument(args, 0, "sep"), whole(args, 1, "maxsplit")),
  ),
  quote: onText([], quote),
  basename: onText([], basename),
  dirname: onText([], dirname),
  splitext: onText([], (text) => {
    const dot = text.lastIndexOf(".");
    return dot > text.lastIndexOf("/") + 1 ? [text.slice(0, dot), text.slice(dot)] : [text, ""];
  }),
  path_join: { takes: [], does: (value, _, evaluation) => pathJoin(defined(value), evaluation) },
  human_readable: { takes: ["isbits", "unit"], does: (value, args) => humanReadable(defined(value), args) },
  random: {
    takes: undefined,
    does: () => {
      throw new Refusal("templates know no chance: the same run must be the same tomorrow");
    },
  },
};
