import { escapes } from "./quoted.ts";
import type { Json } from "./value.ts";

/** Lists and mappings within each other. */
const mostNesting = 100;
const space = /(?:[ \t\f]+|\\\n)*/y;
/** Within brackets lines end where they like, and have comments. */
const innerSpace = /(?:[ \t\f\r\n]+|\\\n|#[^\n]*)*/y;
const number =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][+-]?\d(?:_?\d)*)?/y;
const prefixed = /([rR]|[uU]|[bB]|[bB][rR]|[rR][bB])?("""|'''|"|')/y;
const name = /True\b|False\b|None\b/y;
const jsonName = /(?:True|False|None|true|false|null)\b/y;
const constants: Readonly<Record<string, boolean | null>> = {
  True: true,
  False: false,
  None: null,
  true: true,
  false: false,
  null: null,
};

class NotALiteral extends Error {}
/** One for all: most values are no literals, and a stack for each would take longer than reading it. */
const notALiteral = new NotALiteral("no Python literal");
const plainText = /^(?!(?:True|False|None)\s*$)[A-Za-z_/][\w./:-]*$/;
const plainNumber = /^[1-9]\d{0,14}$/;
const address = /^\d+\.\d+\.\d+\.\d+$/;

/**
 * What a text means as a Python literal, which is how Ansible reads values of INI inventories: a number, True, False, None,
 * a quoted text, a list, tuple, set or dict of them. Undefined where it is none: then it is text as it stands. With `json` the
 * constants true, false and null are known too.
 */
export function readPythonLiteral(text: string, { json = false }: { json?: boolean } = {}): Json | undefined {
  if (plainText.test(text) || address.test(text)) return undefined;
  if (plainNumber.test(text)) return Number(text);
  const reader = new Reader(text.replace(/^[ \t]+/, ""), json ? jsonName : name);
  try {
    return reader.whole();
  } catch (error) {
    if (error instanceof NotALiteral) return undefined;
    throw error;
  }
}

class Reader {
  readonly #text: string;
  readonly #name: RegExp;
  #at = 0;

  constructor(text: string, name: RegExp) {
    this.#text = text;
    this.#name = name;
  }

  whole(): Json {
    const value = this.#items(0);
    this.#skip(innerSpace);
    if (this.#at < this.#text.length) throw notALiteral;
    return value;
  }

  /** One value, or several with commas between them: a tuple. */
  #items(depth: number): Json {
    const first = this.#value(depth);
    if (!this.#takes(",", space)) return first;
    const items = [first];
    while (this.#skip(space) && this.#at < this.#text.length && !/[\n#]/.test(this.#text.charAt(this.#at))) {
      items.push(this.#value(depth));
      if (!this.#takes(",", space)) break;
    }
    return items;
  }

  #value(depth: number): Json {
    if (depth > mostNesting) throw notALiteral;
    this.#skip(depth === 0 ? space : innerSpace);
    const char = this.#text.charAt(this.#at);
    if (char === "[") return this.#list("]", depth);
    if (char === "(") return this.#parenthesised(depth);
    if (char === "{") return this.#braced(depth);
    if (char === "-" || char === "+") return this.#signed(depth);
    const word = this.#match(this.#name)?.[0];
    if (word !== undefined) return constants[word] ?? null;
    return this.#string(depth) ?? this.#number();
  }

  #signed(depth: number): Json {
    const sign = this.#text.charAt(this.#at++) === "-" ? -1 : 1;
    this.#skip(depth === 0 ? space : innerSpace);
    return sign * this.#number() || 0;
  }

  #number(): number {
    const text = this.#match(number)?.[0];
    if (text === undefined || /^0[\d_]*[1-9][\d_]*$/.test(text)) throw notALiteral;
    if (/[\p{L}\p{N}_]/u.test(this.#text.charAt(this.#at))) throw notALiteral;
    const value = Number(text.replaceAll("_", ""));
    // What a number of ours cannot hold stays text, as in YAML.
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw notALiteral;
    return value;
  }

  /** Texts that stand beside each other are one. */
  #string(depth: number): string | undefined {
    let whole: string | undefined;
    for (;;) {
      const before = this.#at;
      if (whole !== undefined) this.#skip(depth === 0 ? space : innerSpace);
      const opening = this.#match(prefixed);
      if (opening === undefined) {
        this.#at = before;
        return whole;
      }
      const [, prefix = "", mark = ""] = opening;
      whole = (whole ?? "") + this.#quoted(mark, /r/i.test(prefix));
    }
  }

  #quoted(mark: string, isRaw: boolean): string {
    let value = "";
    for (;;) {
      const char = this.#text.charAt(this.#at);
      if (char === "" || (char === "\n" && mark.length === 1)) throw notALiteral;
      if (this.#text.startsWith(mark, this.#at)) {
        this.#at += mark.length;
        return value;
      }
      this.#at++;
      if (char !== "\\") value += char;
      else value += isRaw ? char + this.#text.charAt(this.#at++) : this.#escape();
    }
  }

  #escape(): string {
    const char = this.#text.charAt(this.#at++);
    const simple = Object.hasOwn(escapes, char) ? escapes[char] : undefined;
    if (simple !== undefined) return simple;
    const digits = this.#match(
      char === "x"
        ? /[0-9a-fA-F]{2}/y
        : char === "u"
          ? /[0-9a-fA-F]{4}/y
          : char === "U"
            ? /00[01][0-9a-fA-F]{5}/y
            : /(?!)/y,
    )?.[0];
    if (digits !== undefined) {
      const code = Number.parseInt(digits, 16);
      if (code > 0x10ffff) throw notALiteral;
      return String.fromCodePoint(code);
    }
    if (/[xuUN]/.test(char)) throw notALiteral;
    if (!/[0-7]/.test(char)) return `\\${char}`;
    const octal = char + (this.#match(/[0-7]{1,2}/y)?.[0] ?? "");
    return String.fromCodePoint(Number.parseInt(octal, 8));
  }

  #list(end: string, depth: number): Json[] {
    this.#at++;
    const items: Json[] = [];
    while (!this.#takes(end, innerSpace)) {
      items.push(this.#value(depth + 1));
      if (this.#takes(",", innerSpace)) continue;
      if (this.#takes(end, innerSpace)) break;
      throw notALiteral;
    }
    return items;
  }

  #parenthesised(depth: number): Json {
    const start = this.#at;
    const items = this.#list(")", depth);
    const [only] = items;
    // A comma makes a tuple of a single value.
    return items.length === 1 && only !== undefined && !/,\s*\)$/.test(this.#text.slice(start, this.#at))
      ? only
      : items;
  }

  #braced(depth: number): Json {
    this.#at++;
    const entries: [string, Json][] = [];
    const items: Json[] = [];
    while (!this.#takes("}", innerSpace)) {
      const key = this.#value(depth + 1);
      if (this.#takes(":", innerSpace)) entries.push([keyText(key), this.#value(depth + 1)]);
      else items.push(key);
      if (this.#takes(",", innerSpace)) continue;
      if (this.#takes("}", innerSpace)) break;
      throw notALiteral;
    }
    if (items.length > 0 && entries.length > 0) throw notALiteral;
    return items.length > 0 ? items : Object.fromEntries(entries);
  }

  #takes(char: string, blank: RegExp): boolean {
    this.#skip(blank);
    if (this.#text.charAt(this.#at) !== char) return false;
    this.#at++;
    return true;
  }

  #skip(blank: RegExp): true {
    this.#match(blank);
    return true;
  }

  #match(form: RegExp): RegExpExecArray | undefined {
    form.lastIndex = this.#at;
    const match = form.exec(this.#text);
    if (match === null) return undefined;
    this.#at = form.lastIndex;
    return match;
  }
}

/** A key of a dict as JSON has it. */
function keyText(key: Json): string {
  if (typeof key === "string") return key;
  if (key === null || typeof key === "boolean" || typeof key === "number") return String(key);
  throw notALiteral;
}
