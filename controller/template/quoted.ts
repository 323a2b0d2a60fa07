import { type Source, syntaxError } from "./problem.ts";

/** What stands for itself behind a backslash in Python, and what it means. */
export const escapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\n": "",
};
const octal = /[0-7]{1,3}/y;
const digits: Readonly<Record<string, RegExp>> = {
  x: /[0-9a-fA-F]{2}/y,
  u: /[0-9a-fA-F]{4}/y,
  U: /(?:000[0-9a-fA-F]|0010)[0-9a-fA-F]{4}/y,
};

/**
 * The quoted text that begins at `at`, and the offset behind it. By Python's rules an escape that is none keeps its backslash;
 * with `keepsBackslashes` all do, but before a quote.
 */
export function readQuoted(source: Source, at: number, mark: string, keepsBackslashes: boolean) {
  const { text } = source;
  let value = "";
  let here = at + 1;
  while (here < text.length) {
    const char = text.charAt(here);
    if (char === mark) return { value, to: here + 1 };
    if (char !== "\\") {
      value += char;
      here++;
      continue;
    }
    const read = keepsBackslashes ? keep(text, here, mark) : pythonEscape(source, here);
    value += read.value;
    here = read.to;
  }
  throw syntaxError(source, at, `the text that begins with ${mark} never ends`, "close it with the same quote");
}

function keep(text: string, at: number, mark: string): { value: string; to: number } {
  const next = text.charAt(at + 1);
  return { value: next === mark ? mark : `\\${next}`, to: at + 2 };
}

function pythonEscape(source: Source, at: number): { value: string; to: number } {
  const { text } = source;
  const next = text.charAt(at + 1);
  const simple = Object.hasOwn(escapes, next) ? escapes[next] : undefined;
  if (simple !== undefined) return { value: simple, to: at + 2 };
  octal.lastIndex = at + 1;
  const code = octal.exec(text)?.[0];
  if (code !== undefined) return { value: String.fromCharCode(Number.parseInt(code, 8)), to: at + 1 + code.length };
  const form = Object.hasOwn(digits, next) ? digits[next] : undefined;
  if (form === undefined) return { value: `\\${next}`, to: at + 2 };
  form.lastIndex = at + 2;
  const hex = form.exec(text)?.[0];
  if (hex === undefined) throw syntaxError(source, at, `'\\${next}' needs more hexadecimal digits behind it`);
  return { value: String.fromCodePoint(Number.parseInt(hex, 16)), to: at + 2 + hex.length };
}
