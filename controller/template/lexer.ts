import { type Source, syntaxError } from "./problem.ts";

export interface Token {
  is: "name" | "number" | "text" | "operator" | "end";
  /** A name, an operator, or the value of a text; a number's digits. */
  text: string;
  at: number;
  /** The offset behind it. */
  to: number;
}

/** Longest first, so that `//` is not read as two. */
const operators = [
  "**",
  "//",
  "==",
  "!=",
  "<=",
  ">=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "~",
  "<",
  ">",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "|",
  ",",
  ":",
  ".",
  "=",
];
const opening = new Set(["(", "[", "{"]);
const closing = new Set([")", "]", "}"]);
const mostTokens = 2_000;
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "0": "\0",
};

const space = /\s+/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d[\d_]*(\.\d+)?([eE][+-]?\d+)?/y;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/**
 * The tokens of the expression that begins at `from`. With `inTemplate` it ends at the `}}` that closes it (the end
 * token stands there), else at the end of the text.
 */
export function tokenize(source: Source, from: number, inTemplate: boolean): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let depth = 0;
  let at = from;
  for (;;) {
    at += matchAt(space, text, at)?.length ?? 0;
    if (inTemplate && depth === 0 && /^-?\}\}/.test(text.slice(at, at + 3))) break;
    if (at >= text.length) {
      if (inTemplate) throw syntaxError(source, from, "the '{{' is never closed", "close it with '}}'");
      break;
    }
    const token = readText(source, at) ?? readWord(text, at);
    if (token === undefined)
      throw syntaxError(source, at, `'${text.slice(at, at + 1)}' has no meaning here`, hintFor(text[at]));
    if (token.is === "operator" && opening.has(token.text)) depth++;
    if (token.is === "operator" && closing.has(token.text)) depth = Math.max(0, depth - 1);
    tokens.push(token);
    if (tokens.length > mostTokens) throw syntaxError(source, from, `the expression has more than ${mostTokens} words`);
    at = token.to;
  }
  tokens.push({ is: "end", text: "", at, to: at });
  return tokens;
}

function hintFor(char: string | undefined): string | undefined {
  if (char === "&") return "write 'and'";
  if (char === "!") return "write 'not', or '!=' between two values";
  if (char === "'" || char === '"') return "close the text with the same quote";
  return undefined;
}

function readWord(text: string, at: number): Token | undefined {
  const word = matchAt(name, text, at);
  if (word !== undefined) return { is: "name", text: word, at, to: at + word.length };
  const digits = matchAt(number, text, at);
  if (digits !== undefined) return { is: "number", text: digits, at, to: at + digits.length };
  const operator = operators.find((each) => text.startsWith(each, at));
  return operator === undefined ? undefined : { is: "operator", text: operator, at, to: at + operator.length };
}

/** A quoted text. An escape that Python does not know keeps its backslash, `\1` too: regular expressions need it. */
function readText(source: Source, at: number): Token | undefined {
  const { text } = source;
  const mark = text[at];
  if (mark !== "'" && mark !== '"') return undefined;
  let value = "";
  for (let here = at + 1; here < text.length; here++) {
    const char = text.charAt(here);
    if (char === mark) return { is: "text", text: value, at, to: here + 1 };
    if (char !== "\\") {
      value += char;
      continue;
    }
    const code = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(text.slice(here, here + 6));
    const next = text.charAt(here + 1);
    if (code !== null) {
      value += String.fromCharCode(Number.parseInt(code[1] ?? code[2] ?? "0", 16));
      here += code[0].length - 1;
    } else {
      value += escapes[next] ?? `\\${next}`;
      here++;
    }
  }
  throw syntaxError(source, at, `the text that begins with ${mark} never ends`, "close it with the same quote");
}
