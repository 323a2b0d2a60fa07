/*
 * Values as Python prints them: the recordings were made by programs in Python.
 */

/** A tuple, which is not a list. */
export class Tuple {
  readonly items: readonly Printed[];

  constructor(...items: readonly Printed[]) {
    this.items = items;
  }
}

export type Printed =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | Tuple
  | readonly Printed[]
  | ReadonlyMap<string, Printed>;

/** As `str(value)`: a string is itself. */
export function str(value: Printed): string {
  return typeof value === "string" ? value : repr(value);
}

/** As `repr(value)`. */
export function repr(value: Printed): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "string") return quoted([...value], isPrintable);
  if (value instanceof Uint8Array) return reprBytes(value);
  if (value instanceof Tuple) {
    const items = value.items.map(repr);
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
  }
  if (isMap(value)) return `{${[...value].map(([key, each]) => `${repr(key)}: ${repr(each)}`).join(", ")}}`;
  return `[${value.map(repr).join(", ")}]`;
}

function isMap(value: readonly Printed[] | ReadonlyMap<string, Printed>): value is ReadonlyMap<string, Printed> {
  return value instanceof Map;
}

function reprBytes(bytes: Uint8Array): string {
  const characters = [...bytes].map((byte) => String.fromCharCode(byte));
  return `b${quoted(characters, (character) => character >= " " && character <= "~")}`;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quoted(characters: readonly string[], isShown: (character: string) => boolean): string {
  const quote = characters.includes("'") && !characters.includes('"') ? '"' : "'";
  const body = characters.map((character) => {
    if (character === quote) return `\\${quote}`;
    const escaped = escapes[character];
    if (escaped !== undefined) return escaped;
    return isShown(character) ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `${quote}${body.join("")}${quote}`;
}

function isPrintable(character: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Cn}\p{Zl}\p{Zp}]/u.test(character) && (character === " " || !/\p{Zs}/u.test(character));
}
