import type { CallArguments } from "../evaluation.ts";
import { argument, defined, takeFlag } from "../take.ts";
import type { Value } from "../value.ts";
import { attributeReader } from "./filter.ts";

const itself = (item: Value) => item;

/** An attribute's reader, or the item itself where none was named. */
export function readerOf(path: Value | undefined): (item: Value) => Value {
  return path === undefined || path === null ? itself : attributeReader(path);
}

/** How two items are compared: by an attribute, and without regard to case unless asked for. */
export function keyReader(args: CallArguments, attribute: number, caseSensitive: number): (item: Value) => Value {
  const read = readerOf(argument(args, attribute, "attribute"));
  const exact = takeFlag(argument(args, caseSensitive, "case_sensitive"), false);
  return (item) => withoutCase(defined(read(item)), exact);
}

/** A text without regard to case; anything else as it is. */
export function withoutCase(key: Value, exact = false): Value {
  return typeof key === "string" && !exact ? key.toLowerCase() : key;
}
