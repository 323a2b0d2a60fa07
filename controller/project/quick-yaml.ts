import { readPlainScalar } from "./plain-scalar.ts";
import type { YamlEntry, YamlNode } from "./yaml-node.ts";

const mostNesting = 50;
const key = /( *)([A-Za-z0-9_](?:[\w.[\]-]|:(?=[\w[\]]))*):(?: +|(?=\n|$))/y;
/** What comes behind a key on its line: a text without quotes, one in quotes, or a mapping of such in braces. */
const plain = /[A-Za-z0-9_./](?:[\w./+@%=()~-]| (?=[\w./+@%=()~-])|:(?=[\w./]))*/y;
const quoted = /'[^'\n]*'|"[^"\\\n]*"/y;
const rest = / *(?: #[^\n]*)?(?:\n|$)/y;
const nothing = /(?: *(?:#[^\n]*)?\n)+| +$| *#[^\n]*$/y;

interface Open {
  indent: number;
  at: number;
  entries: Map<string, YamlEntry>;
}

/**
 * Reads the simple part of YAML that nearly all large inventories are written in: mappings by indentation, values on their own
 * lines. Undefined where there is anything else, or any doubt: then the whole of YAML is needed, which takes ten times as long.
 */
export function readQuickYaml(text: string): YamlNode | undefined {
  return new Quick(text).whole();
}

class Quick {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): YamlNode | undefined {
    if (this.#text.startsWith("---\n")) this.#at = 4;
    this.#take(nothing);
    const root = this.#mapping(0, 0);
    return root !== undefined && this.#at === this.#text.length ? root : undefined;
  }

  /** A mapping whose keys stand in this column; it ends where a line begins further to the left. */
  #mapping(indent: number, depth: number): YamlNode | undefined {
    const open: Open = { indent, at: this.#at + indent, entries: new Map() };
    let to = this.#at;
    while (this.#at < this.#text.length) {
      const start = this.#at;
      const match = this.#take(key);
      if (match === undefined || depth > mostNesting) return undefined;
      const [, spaces = "", name = ""] = match;
      if (spaces.length !== indent) {
        this.#at = start;
        if (spaces.length < indent && open.entries.size > 0) break;
        return undefined;
      }
      const value = this.#value(indent, depth, start + indent + name.length + 1);
      if (value === undefined || open.entries.has(name)) return undefined;
      open.entries.set(name, { key: name, keyAt: start + indent, value });
      to = value.to;
    }
    if (open.entries.size === 0) return undefined;
    return { is: "mapping", at: open.at, to, entries: [...open.entries.values()] };
  }

  /** `colon`: where the key ends, which is the place of a value that is not there. */
  #value(indent: number, depth: number, colon: number): YamlNode | undefined {
    const scalar = this.#scalar() ?? this.#flow();
    if (this.#take(rest) === undefined) return undefined;
    this.#take(nothing);
    const next = this.#indentation();
    if (scalar !== undefined) return next > indent ? undefined : scalar;
    if (next > indent) return this.#mapping(next, depth + 1);
    return { is: "scalar", at: colon, to: colon, value: null };
  }

  #scalar(): YamlNode | undefined {
    const at = this.#at;
    const text = this.#take(plain)?.[0];
    if (text !== undefined) return { is: "scalar", at, to: this.#at, value: readPlainScalar(text) };
    const inQuotes = this.#take(quoted)?.[0];
    if (inQuotes !== undefined) return { is: "scalar", at, to: this.#at, value: inQuotes.slice(1, -1) };
    return undefined;
  }

  /** `{a: 1, b: text}`. */
  #flow(): YamlNode | undefined {
    const at = this.#at;
    if (this.#text[at] !== "{") return undefined;
    this.#at++;
    const entries = new Map<string, YamlEntry>();
    this.#take(/ */y);
    while (this.#text[this.#at] !== "}") {
      const keyAt = this.#at;
      const name = this.#take(/([A-Za-z0-9_][\w.-]*): +/y)?.[1];
      const value = name === undefined ? undefined : this.#scalar();
      if (name === undefined || value === undefined || entries.has(name)) {
        this.#at = at;
        return undefined;
      }
      entries.set(name, { key: name, keyAt, value });
      if (this.#take(/ *, */y) === undefined) this.#take(/ */y);
    }
    this.#at++;
    return { is: "mapping", at, to: this.#at, entries: [...entries.values()] };
  }

  /** Spaces before the next line's first character; none at the end. */
  #indentation(): number {
    let at = this.#at;
    while (this.#text[at] === " ") at++;
    return at - this.#at;
  }

  #take(form: RegExp): RegExpExecArray | undefined {
    form.lastIndex = this.#at;
    const match = form.exec(this.#text);
    if (match === null) return undefined;
    this.#at = form.lastIndex;
    return match;
  }
}
