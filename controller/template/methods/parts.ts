import type { Evaluation } from "../evaluation.ts";
import { takeText } from "../take.ts";
import { Refusal, type Value } from "../value.ts";

/** Splits as Python does: at runs of white space without a separator, at most so often, from either end. */
export function splitText(
  whole: string,
  separator: Value | undefined,
  most: number,
  side: "left" | "right" = "left",
): string[] {
  if (separator === undefined || separator === null) return splitWords(whole, most, side);
  const mark = takeText(separator, "the separator");
  if (mark === "") throw new Refusal("the separator is empty");
  const parts = whole.split(mark);
  if (most < 0 || parts.length <= most + 1) return parts;
  const cut = parts.length - most;
  return side === "left"
    ? [...parts.slice(0, most), parts.slice(most).join(mark)]
    : [parts.slice(0, cut).join(mark), ...parts.slice(cut)];
}

function splitWords(whole: string, most: number, side: "left" | "right"): string[] {
  const words = [...whole.matchAll(/\S+/g)];
  const texts = words.map(([word]) => word);
  if (most < 0 || words.length <= most) return texts;
  if (side === "left") {
    const rest = words[most];
    return rest === undefined ? texts : [...texts.slice(0, most), whole.slice(rest.index)];
  }
  const last = words[words.length - most - 1];
  return last === undefined
    ? texts
    : [whole.slice(0, last.index + last[0].length), ...texts.slice(words.length - most)];
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

/** What stands before the mark, the mark, and what stands behind it; the whole text where it is not there. */
export function partition(whole: string, mark: string, side: "left" | "right"): string[] {
  if (mark === "") throw new Refusal("the separator is empty");
  const at = side === "left" ? whole.indexOf(mark) : whole.lastIndexOf(mark);
  if (at < 0) return side === "left" ? [whole, "", ""] : ["", "", whole];
  return [whole.slice(0, at), mark, whole.slice(at + mark.length)];
}
