import type { Budget } from "../budget.ts";

function paid(width: number, budget: Budget): number {
  budget.spendText(width);
  return width;
}

/** A text in the middle of a width, as Python centres it: what is left over goes to the left of an odd width. */
export function centered(text: string, width: number, fill: string, budget: Budget): string {
  const missing = Math.max(0, paid(width, budget) - text.length);
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

/** A text filled up to a width before or behind it. */
export function justified(text: string, width: number, fill: string, side: "left" | "right", budget: Budget): string {
  const missing = Math.max(0, paid(width, budget) - text.length);
  return side === "left" ? text + fill.repeat(missing) : fill.repeat(missing) + text;
}

/** Zeros before a number in text, behind its sign. */
export function zeroFilled(text: string, width: number, budget: Budget): string {
  const [, sign = "", digits = ""] = /^([+-]?)([\s\S]*)$/.exec(text) ?? [];
  return sign + digits.padStart(paid(width, budget) - sign.length, "0");
}
