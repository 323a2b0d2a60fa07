import { type Source, syntaxError } from "./problem.ts";
import { readQuoted } from "./quoted.ts";

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
const space = /\s+/y;
const name = /[\p{L}_][\p{L}\p{N}_]*/uy;
const number = /0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d[\d_]*(\.\d+)?([eE][+-]?\d+)?/y;
const index = /\d+/y;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Where an expression within a template ends. */
export interface Ending {
  /** What it began with, and what closes it, for messages. */
  readonly open: string;
  readonly close: string;
  /** Sticky: the close with its sign, `-}}`. */
  readonly pattern: RegExp;
}

/**
 * The tokens of the expression that begins at `from`. With an ending it ends there (the end token spans it), else at
 * the end of the text. With `keepsBackslashes` escapes in texts stay as they are.
 */
export function tokenize(source: Source, from: number, ending?: Ending, keepsBackslashes = false): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let depth = 0;
  let at = from;
  for (;;) {
    at += matchAt(space, text, at)?.length ?? 0;
    const end = ending === undefined || depth > 0 ? undefined : matchAt(ending.pattern, text, at);
    if (end !== undefined) {
      tokens.push({ is: "end", text: "", at, to: at + end.length });
      return tokens;
    }
    if (at >= text.length) break;
    const isIndex = tokens.at(-1)?.text === "." && tokens.at(-1)?.is === "operator";
    const token = readText(source, at, keepsBackslashes) ?? readWord(text, at, isIndex);
    if (token === undefined)
      throw syntaxError(source, at, `'${text.slice(at, at + 1)}' has no meaning here`, hintFor(text[at]));
    if (token.is === "operator" && opening.has(token.text)) depth++;
    if (token.is === "operator" && closing.has(token.text)) depth = Math.max(0, depth - 1);
    tokens.push(token);
    if (tokens.length > mostTokens) throw syntaxError(source, from, `the expression has more than ${mostTokens} words`);
    at = token.to;
  }
  if (ending !== undefined)
    throw syntaxError(source, from, `the '${ending.open}' is never closed`, `close it with '${ending.close}'`);
  tokens.push({ is: "end", text: "", at, to: at });
  return tokens;
}

function hintFor(char: string | undefined): string | undefined {
  if (char === "&") return "write 'and'";
  if (char === "!") return "write 'not', or '!=' between two values";
  if (char === "'" || char === '"') return "close the text with the same quote";
  return undefined;
}

/** Behind a dot digits are an index: `results.0.1` has two. */
function readWord(text: string, at: number, isIndex: boolean): Token | undefined {
  const word = matchAt(name, text, at);
  if (word !== undefined) return { is: "name", text: word, at, to: at + word.length };
  const digits = matchAt(isIndex ? index : number, text, at);
  if (digits !== undefined) return { is: "number", text: digits, at, to: at + digits.length };
  const operator = operators.find((each) => text.startsWith(each, at));
  return operator === undefined ? undefined : { is: "operator", text: operator, at, to: at + operator.length };
}

function readText(source: Source, at: number, keepsBackslashes: boolean): Token | undefined {
  const mark = source.text[at];
  if (mark !== "'" && mark !== '"') return undefined;
  const { value, to } = readQuoted(source, at, mark, keepsBackslashes);
  return { is: "text", text: value, at, to };
}
