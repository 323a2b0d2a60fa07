import type { CallArguments, Evaluation } from "./evaluation.ts";
import { didYouMean } from "./suggest.ts";
import { argument, onlyArguments, takeItems, takeText, takeWhole } from "./take.ts";
import { entriesOf, renderText } from "./text.ts";
import { equal, isList, isMapping, LazyMap, type Mapping, Refusal, typeName, Undefined, type Value } from "./value.ts";

type Method<Of> = { takes: readonly string[]; does(of: Of, args: CallArguments, evaluation: Evaluation): Value };

const text = (args: CallArguments, position: number, name: string) => takeText(argument(args, position, name), name);

/** One of several beginnings or ends: a text, or a list of them. */
function affixes(args: CallArguments): string[] {
  const value = argument(args, 0, "text");
  return (value !== undefined && isList(value) ? value : [value]).map((each) => takeText(each, "text"));
}

/** Splits as Python does: at runs of white space without a separator. */
export function splitText(whole: string, separator: Value | undefined, most: number): string[] {
  if (separator === undefined || separator === null) {
    const words = whole
      .trim()
      .split(/\s+/)
      .filter((word) => word !== "");
    if (most < 0 || words.length <= most) return words;
    const rest = new RegExp(`^\\s*(?:\\S+\\s+){${most}}`).exec(whole);
    return [...words.slice(0, most), whole.slice(rest?.[0].length ?? 0)];
  }
  const mark = takeText(separator, "the separator");
  if (mark === "") throw new Refusal("the separator is empty");
  const parts = whole.split(mark);
  return most < 0 || parts.length <= most ? parts : [...parts.slice(0, most), parts.slice(most).join(mark)];
}

/** Takes the given characters, or white space, off the ends. */
export function stripText(whole: string, characters: Value | undefined, side: "both" | "left" | "right"): string {
  if (characters === undefined || characters === null) {
    return side === "both" ? whole.trim() : side === "left" ? whole.trimStart() : whole.trimEnd();
  }
  const set = new Set(takeText(characters, "the characters"));
  let [from, to] = [0, whole.length];
  while (side !== "right" && from < to && set.has(whole.charAt(from))) from++;
  while (side !== "left" && to > from && set.has(whole.charAt(to - 1))) to--;
  return whole.slice(from, to);
}

/** Replaces a text everywhere, or the first `most` times. */
export function replaceText(whole: string, from: string, to: string, most: number, evaluation: Evaluation): string {
  if (from === "") throw new Refusal("the text to replace is empty");
  const parts = splitText(whole, from, most);
  evaluation.budget.spendText(whole.length + parts.length * to.length);
  return parts.join(to);
}

const most = (args: CallArguments, position: number, name: string) =>
  takeWhole(argument(args, position, name) ?? -1, name);

const ofText: Readonly<Record<string, Method<string>>> = {
  upper: { takes: [], does: (of) => of.toUpperCase() },
  lower: { takes: [], does: (of) => of.toLowerCase() },
  capitalize: { takes: [], does: (of) => of.slice(0, 1).toUpperCase() + of.slice(1).toLowerCase() },
  title: { takes: [], does: (of) => of.toLowerCase().replaceAll(/(^|[^\p{L}])(\p{L})/gu, (all) => all.toUpperCase()) },
  strip: { takes: ["characters"], does: (of, args) => stripText(of, argument(args, 0, "characters"), "both") },
  lstrip: { takes: ["characters"], does: (of, args) => stripText(of, argument(args, 0, "characters"), "left") },
  rstrip: { takes: ["characters"], does: (of, args) => stripText(of, argument(args, 0, "characters"), "right") },
  split: {
    takes: ["sep", "maxsplit"],
    does: (of, args) => splitText(of, argument(args, 0, "sep"), most(args, 1, "maxsplit")),
  },
  splitlines: {
    takes: [],
    does: (of) =>
      of
        .replace(/\r?\n$/, "")
        .split(/\r?\n/)
        .filter((line, _, all) => all.length > 1 || line !== ""),
  },
  replace: {
    takes: ["old", "new", "count"],
    does: (of, args, evaluation) =>
      replaceText(of, text(args, 0, "old"), text(args, 1, "new"), most(args, 2, "count"), evaluation),
  },
  startswith: { takes: ["text"], does: (of, args) => affixes(args).some((each) => of.startsWith(each)) },
  endswith: { takes: ["text"], does: (of, args) => affixes(args).some((each) => of.endsWith(each)) },
  find: { takes: ["text"], does: (of, args) => of.indexOf(text(args, 0, "text")) },
  count: { takes: ["text"], does: (of, args) => splitText(of, text(args, 0, "text"), -1).length - 1 },
  isdigit: { takes: [], does: (of) => /^\d+$/.test(of) },
  isalpha: { takes: [], does: (of) => /^\p{L}+$/u.test(of) },
  join: {
    takes: ["items"],
    does: (of, args, evaluation) =>
      takeItems(argument(args, 0, "items"), "items", evaluation)
        .map((item) => renderText(item, evaluation.budget))
        .join(of),
  },
};

const ofMapping: Readonly<Record<string, Method<Mapping | LazyMap>>> = {
  items: { takes: [], does: (of) => entriesOf(of) },
  keys: { takes: [], does: (of) => (of instanceof LazyMap ? [...of.keys()] : Object.keys(of)) },
  values: { takes: [], does: (of) => entriesOf(of).map(([, value]) => value) },
  get: {
    takes: ["key", "default"],
    does: (of, args) => {
      const key = text(args, 0, "key");
      const value = of instanceof LazyMap ? of.get(key) : Object.hasOwn(of, key) ? of[key] : undefined;
      return value ?? argument(args, 1, "default") ?? null;
    },
  },
};

const ofList: Readonly<Record<string, Method<readonly Value[]>>> = {
  index: {
    takes: ["item"],
    does: (of, args) => {
      const index = of.findIndex((item) => equal(item, argument(args, 0, "item") ?? null));
      if (index < 0) throw new Refusal("the item is not in the list");
      return index;
    },
  },
  count: {
    takes: ["item"],
    does: (of, args) => of.filter((item) => equal(item, argument(args, 0, "item") ?? null)).length,
  },
};

function call<Of>(
  methods: Readonly<Record<string, Method<Of>>>,
  of: Of,
  what: string,
  name: string,
  args: CallArguments,
  evaluation: Evaluation,
) {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined)
    throw new Refusal(`${what} has no method '${name}'`, didYouMean(name, Object.keys(methods)));
  onlyArguments(args, `'${name}'`, method.takes);
  evaluation.budget.spend(1 + (typeof of === "string" ? of.length / 64 : 0));
  return method.does(of, args, evaluation);
}

/** `of.name(…)` for the few methods of Python's texts, mappings and lists that playbooks use; no other can be reached. */
export function callMethod(of: Value, name: string, args: CallArguments, evaluation: Evaluation): Value {
  if (of instanceof Undefined) throw of.refusal();
  if (typeof of === "string") return call(ofText, of, "text", name, args, evaluation);
  if (isList(of)) return call(ofList, of, "a list", name, args, evaluation);
  if (of instanceof LazyMap || isMapping(of)) return call(ofMapping, of, "a mapping", name, args, evaluation);
  throw new Refusal(`${typeName(of)} has no method '${name}'`);
}
