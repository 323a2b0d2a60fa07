import { expect } from "vitest";
import { type ErrorData, FlashfleetError, toErrorData } from "../../../shared/errors.ts";
import type { Input } from "./fuzz.ts";

/** What a template can give: data, and nothing that could be called or reached through. */
const plainPrototypes: readonly unknown[] = [Object.prototype, Array.prototype, null];

const builtIns = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Number.prototype];
const ownNames = () => builtIns.flatMap((each) => Object.getOwnPropertyNames(each)).join(" ");
const before = ownNames();

/** What work gives, or the one error that it may throw. */
export function errorsOf(work: () => readonly ErrorData[]): readonly ErrorData[] {
  try {
    return work();
  } catch (error) {
    if (error instanceof FlashfleetError) return [toErrorData(error)];
    throw error;
  }
}

/**
 * Every error is ours, tells what cannot be done, and stands at a line and a column that the input has. `placeless`: what is said of
 * several files together, or of a command line.
 */
export function expectGoodErrors(
  errors: readonly ErrorData[],
  input: Input,
  placeless?: (error: ErrorData) => boolean,
): void {
  for (const error of errors) {
    if (error.code === "internal") throw new Error(`internal: ${error.message}`);
    if (!/^(cannot|no|there is no) /.test(error.message))
      throw new Error(`it does not say what cannot be done: ${error.message}`);
    if (placeless?.(error) !== true) expectPlace(error, input);
  }
  expectUnharmed();
}

/** A place, as `file:line:column`, or `line:column` of an input with one text. */
export function expectPlace({ place, message }: Pick<ErrorData, "place" | "message">, input: Input): void {
  const found = /^(?:([\s\S]*):)?(\d+):(\d+)$/.exec(place ?? "");
  if (found === null) throw new Error(`no place: ${message}`);
  const [, file = Object.keys(input)[0] ?? "", line, column] = found;
  const text = input[file];
  if (text === undefined) throw new Error(`a place in ${file}, which is not among the input: ${message}`);
  const length = lineOf(text, Number(line));
  if (length === undefined || Number(column) < 1 || Number(column) > length + 1)
    throw new Error(`a place that is not there, ${place}: ${message}`);
}

/** Characters of a line, counted from 1; a line ends as YAML and editors have it. */
function lineOf(text: string, number: number): number | undefined {
  let at = 0;
  for (let line = 1; line < number; line++) {
    const end = text.indexOf("\n", at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  const end = text.indexOf("\n", at);
  return (end < 0 ? text.length : end) - at;
}

/** Nothing of JavaScript's own was changed. */
export function expectUnharmed(): void {
  if (ownNames() !== before) throw new Error("a prototype was changed");
}

/** Only data, all the way down. */
export function expectPlain(value: unknown, depth = 0): void {
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint" || value === undefined)
    throw new Error(`a ${typeof value} came out`);
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`the number ${value} came out`);
  if (typeof value !== "object" || value === null) return;
  if (!plainPrototypes.includes(Object.getPrototypeOf(value))) throw new Error("an object with a prototype came out");
  expect(depth).toBeLessThan(300);
  for (const part of Object.values(value)) expectPlain(part, depth + 1);
}
