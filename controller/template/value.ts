/** Plain data, as YAML and JSON give it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A mapping whose values are worked out when they are asked for, as `hostvars` needs: one host's variables at a time. */
export class LazyMap {
  readonly keys: () => Iterable<string>;
  readonly get: (key: string) => Value | undefined;

  constructor(keys: () => Iterable<string>, get: (key: string) => Value | undefined) {
    this.keys = keys;
    this.get = get;
  }
}

/** What a name or key stands for that is not there; only `default`, `is defined` and further access take it. */
export class Undefined {
  /** "'x' is undefined", for the error that its use becomes. */
  readonly reason: string;
  readonly hint: string | undefined;
  /** Where it was asked for, as `file:line:column`. */
  readonly place: (() => string | undefined) | undefined;

  constructor(reason: string, hint?: string, place?: () => string | undefined) {
    this.reason = reason;
    this.hint = hint;
    this.place = place;
  }

  /** The error that its use is. */
  refusal(): Refusal {
    return new Refusal(this.reason, this.hint, this.place);
  }
}

/** The value of the variable `omit`: the key or item that evaluates to it is left out. */
export class Omit {}
export const omit = new Omit();

/** What an expression can be while it is evaluated. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value }
  | LazyMap
  | Undefined
  | Omit;

/** A mistake in an expression; where it knows no place, the evaluator adds that of the part it evaluates. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly hint: string | undefined;
  readonly place: (() => string | undefined) | undefined;

  constructor(reason: string, hint?: string, place?: () => string | undefined) {
    super(reason);
    this.hint = hint;
    this.place = place;
  }
}

export type Mapping = { readonly [key: string]: Value };

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** A mapping with its values in place; {@link LazyMap} is the other one. */
export function isMapping(value: Value): value is Mapping {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof LazyMap || value instanceof Undefined || value instanceof Omit);
}

/** The value's own entry; never one of its prototype's. */
export function own(mapping: Mapping, key: string): Value | undefined {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}

/** What people call the value's type: "a list", "a number", … */
export function typeName(value: Value): string {
  if (value === null) return "nothing (null)";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "a number";
  if (typeof value === "boolean") return String(value);
  if (isList(value)) return "a list";
  if (value instanceof Undefined) return "undefined";
  if (value instanceof Omit) return "omit";
  return "a mapping";
}

/** A value short enough for a message. */
export function excerpt(value: Value): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return typeName(value);
  return value.length > 60 ? `'${value.slice(0, 57)}…'` : `'${value}'`;
}

/** Python's truth, as Jinja has it: nothing, zero and everything empty is false. */
export function isTrue(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === "") return false;
  if (value instanceof Undefined) throw value.refusal();
  if (isList(value)) return value.length > 0;
  if (isMapping(value)) return Object.keys(value).length > 0;
  return true;
}

/** Python's `==`: by content; true is 1 and false is 0. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a === "boolean" && typeof b === "number") return Number(a) === b;
  if (typeof a === "number" && typeof b === "boolean") return a === Number(b);
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, index) => equal(item, b[index] ?? null));
  if (isMapping(a) && isMapping(b)) {
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return false;
    return keys.every((key) => Object.hasOwn(b, key) && equal(a[key] ?? null, b[key] ?? null));
  }
  return false;
}

/** Negative, zero or positive as `a` comes before, with or after `b`; refuses what Python cannot order. */
export function compare(a: Value, b: Value): number {
  if (isNumeric(a) && isNumeric(b)) return Number(a) - Number(b);
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  if (isList(a) && isList(b)) {
    for (const [index, item] of a.entries()) {
      const other = b[index];
      if (other === undefined) return 1;
      if (!equal(item, other)) return compare(item, other);
    }
    return a.length - b.length;
  }
  throw new Refusal(
    `${typeName(a)} and ${typeName(b)} have no order`,
    "make both numbers with '| int', or both text with '| string'",
  );
}

function isNumeric(value: Value): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}
