import { compareTexts } from "./code-points.ts";

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
  /** Where it was asked for, as `file:line:column`. */
  readonly place: (() => string | undefined) | undefined;
  readonly #hint: string | (() => string | undefined) | undefined;

  /** A hint that takes a search is a function: most undefined values are only asked whether they are there. */
  constructor(reason: string, hint?: string | (() => string | undefined), place?: () => string | undefined) {
    this.reason = reason;
    this.place = place;
    this.#hint = hint;
  }

  get hint(): string | undefined {
    return typeof this.#hint === "function" ? this.#hint() : this.#hint;
  }

  /** Whether it is empty text where it is used, as Jinja has it for an `if` without `else` that does not hold. */
  get isEmpty(): boolean {
    return false;
  }

  /** The same, as it was asked for somewhere. */
  at(place: () => string | undefined): Undefined {
    return new Undefined(this.reason, this.#hint, place);
  }

  /** The error that its use is. */
  refusal(): Refusal {
    return new Refusal(this.reason, this.hint, this.place);
  }
}

/** What `a if b` is where b does not hold: not defined, and nothing where it is used all the same. */
export class Nothing extends Undefined {
  constructor() {
    super("the condition is false and there is no 'else'");
  }

  override get isEmpty(): boolean {
    return true;
  }

  override at(): Undefined {
    return this;
  }
}

/** The value of the variable `omit`: the key or item that evaluates to it is left out. */
export class Omit {}
export const omit = new Omit();

/** What templates call: a macro, `caller`, `loop.cycle`. */
export type Callable = (positional: readonly Value[], named: Readonly<Record<string, Value>>) => Value;

/** A thing of the language that is no data: a loop, a macro, a namespace, an imported file. Templates ask for its parts and call it. */
export class Tool {
  /** "the macro 'line'", for messages. */
  readonly what: string;
  readonly call: Callable | undefined;
  readonly #parts: ReadonlyMap<string, Value> | ((name: string) => Value | undefined);

  constructor(
    what: string,
    parts: ReadonlyMap<string, Value> | ((name: string) => Value | undefined),
    call?: Callable,
  ) {
    this.what = what;
    this.call = call;
    this.#parts = parts;
  }

  part(name: string): Value | undefined {
    return typeof this.#parts === "function" ? this.#parts(name) : this.#parts.get(name);
  }
}

/** The one thing whose parts `{% set name.part = … %}` sets: so that a loop can leave something behind. */
export class Namespace extends Tool {
  readonly #values: Map<string, Value>;

  constructor(values: Map<string, Value>) {
    super("a namespace", values);
    this.#values = values;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
}

/** What an expression can be while it is evaluated. */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value }
  | LazyMap
  | Tool
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
  return !(value instanceof LazyMap || value instanceof Tool || value instanceof Undefined || value instanceof Omit);
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
  if (value instanceof Tool) return value.what;
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
  if (value instanceof Undefined) {
    if (value.isEmpty) return false;
    throw value.refusal();
  }
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
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
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

/** A number for Python: true is 1, and false 0. */
export function isNumeric(value: Value): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}
