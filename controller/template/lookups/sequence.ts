import { parseKeyValues } from "../../project/key-values.ts";
import type { Budget } from "../budget.ts";
import type { Evaluator } from "../evaluation.ts";
import { printf } from "../format/printf.ts";
import { takeText } from "../take.ts";
import { Refusal, type Value } from "../value.ts";
import type { Lookups } from "./lookup.ts";

interface Steps {
  start: number;
  end: number | undefined;
  count: number | undefined;
  stride: number;
  format: string;
}

const number = "(0?x?[0-9a-f]+)";
/** `[start-]end[/stride][:format]` */
const short = new RegExp(`^(?:${number}-)?${number}(?:/${number})?(?::(.+))?$`, "i");
const most = 1_000_000;

/** Whole numbers as Python reads them: decimal, `0x1f`, `0o17`, `0b1`. */
function whole(text: string, what: string): number {
  const digits = text.trim().replace(/^[-+]/, "");
  const value = /^([1-9]\d*|0+|0x[0-9a-f]+|0o[0-7]+|0b[01]+)$/i.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(value))
    throw new Refusal(`the ${what} of 'sequence' must be a whole number, got '${text}'`);
  return text.trim().startsWith("-") ? -value : value;
}

function read(term: string): Steps {
  const found = short.exec(term);
  const [, start, end, stride, format] = found ?? [];
  const steps: Steps = { start: 1, end: undefined, count: undefined, stride: 1, format: format ?? "%d" };
  const words: Record<"start" | "end" | "stride" | "count", string | undefined> = {
    start,
    end,
    stride,
    count: undefined,
  };
  if (found === null) {
    const { values, rest } = parseKeyValues(term, [], undefined);
    if (rest !== "") throw new Refusal(`'sequence' cannot read '${rest}'`, "start=1 end=5, or 1-5");
    for (const [name, value] of Object.entries(values)) {
      if (name === "format") steps.format = String(value);
      else if (Object.hasOwn(words, name)) Object.assign(words, { [name]: String(value) });
      else throw new Refusal(`'sequence' knows no '${name}'`, "it has start, end, count, stride and format");
    }
  }
  for (const name of ["start", "end", "count", "stride"] as const) {
    const text = words[name];
    if (text !== undefined) steps[name] = whole(text, name);
  }
  return steps;
}

/** Where the numbers end, Ansible's rules checked. */
function endOf({ start, end, count, stride }: Steps): number {
  if (end !== undefined && count !== undefined) throw new Refusal("'sequence' takes end or count, not both");
  const last = end ?? (count === undefined ? undefined : start + count * stride - 1);
  if (last === undefined) throw new Refusal("'sequence' needs end or count", "start=1 end=5");
  if (stride > 0 && last < start && count !== 0) throw new Refusal("'sequence' counts backwards: make stride negative");
  if (stride < 0 && last > start) throw new Refusal("'sequence' counts forward: make stride positive");
  return last;
}

/** A number within a text, as `printf` writes it. */
function formatted(format: string, value: number, budget: Budget): string {
  if (!/^[^%]*%[-+ 0#]*\d*(?:\.\d+)?[diuoxXs][^%]*$/.test(format))
    throw new Refusal(`'${format}' is no format of one number`, "%d, %02d, %x: one % with the text around it");
  return printf(format, [value], budget);
}

function sequence(term: Value, { budget }: Evaluator): string[] {
  const steps = read(takeText(term, "each term of 'sequence'"));
  const end = endOf(steps);
  if (steps.count === 0 || steps.stride === 0) return [];
  const length = Math.floor((end - steps.start) / steps.stride) + 1;
  if (length > most) throw new Refusal(`'sequence' makes at most ${most} numbers, not ${length}`);
  budget.spend(length);
  budget.spendText(length * steps.format.length);
  return Array.from({ length }, (_, index) => formatted(steps.format, steps.start + index * steps.stride, budget));
}

export const sequenceLookups: Lookups = {
  sequence: { takes: [], finds: (terms, _, evaluator) => terms.flatMap((term) => sequence(term, evaluator)) },
};
