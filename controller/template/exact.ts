import { Refusal } from "./value.ts";

/** A whole number as the language has it: refused where it would lose digits. */
export function exactNumber(value: bigint, what: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new Refusal(`${what} has more than 53 bits: ${value}`);
}
