import { type Ending, type Token, tokenize } from "../lexer.ts";
import { type Source, syntaxError } from "../problem.ts";
import type { Settings } from "../settings.ts";

/** What a template consists of: text, expressions and statements, with white space already taken off where it goes. */
export type Piece =
  | { is: "text"; text: string }
  | { is: "print"; at: number; tokens: readonly Token[] }
  | { is: "statement"; at: number; tokens: readonly Token[] };

interface Marks {
  /** Global: text that begins something else, with its sign. */
  readonly start: RegExp;
  readonly variable: Ending;
  readonly block: Ending;
  readonly commentEnd: RegExp;
  readonly rawEnd: RegExp;
}

const known = new WeakMap<Settings, Marks>();

function marksOf(settings: Settings): Marks {
  const found = known.get(settings);
  if (found !== undefined) return found;
  const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const [block, blockEnd] = [escaped(settings.block_start_string), escaped(settings.block_end_string)];
  const [variable, variableEnd] = [escaped(settings.variable_start_string), escaped(settings.variable_end_string)];
  const [comment, commentEnd] = [escaped(settings.comment_start_string), escaped(settings.comment_end_string)];
  // Of marks that begin alike the longest counts, then in Jinja's own order.
  const starts = [
    ["variable", variable, settings.variable_start_string],
    ["comment", comment, settings.comment_start_string],
    ["block", block, settings.block_start_string],
  ] as const;
  const longest = starts
    .toSorted(([, , a], [, , b]) => b.length - a.length)
    .map(([name, mark]) => `(?<${name}>${mark})`);
  const rest = settings.trim_blocks ? "(?:\\r\\n|\\r|\\n)?" : "";
  const ends = (end: string) => `(?:\\+${end}|-${end}\\s*|${end}${rest})`;
  const marks = {
    start: new RegExp(
      `(?<raw>${block}(?<rawSign>[-+]?)\\s*raw\\s*(?:-${blockEnd}\\s*|${blockEnd}))|(?:${longest.join("|")})(?<sign>[-+]?)`,
      "g",
    ),
    variable: {
      open: settings.variable_start_string,
      close: settings.variable_end_string,
      pattern: new RegExp(`-${variableEnd}\\s*|${variableEnd}`, "y"),
    },
    block: {
      open: settings.block_start_string,
      close: settings.block_end_string,
      pattern: new RegExp(ends(blockEnd), "y"),
    },
    commentEnd: new RegExp(ends(commentEnd), "g"),
    rawEnd: new RegExp(`${block}(?<sign>[-+]?)\\s*endraw\\s*${ends(blockEnd)}`, "g"),
  };
  known.set(settings, marks);
  return marks;
}

function search(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

const newline = /\r\n|\r|\n/g;
const blank = /^[^\S\r\n]+$/;

/** Takes a template's text apart as Jinja's lexer does. */
class Splitter {
  readonly #source: Source;
  readonly #settings: Settings;
  readonly #marks: Marks;
  readonly #pieces: Piece[] = [];
  /** Whether what was read last ends a line. */
  #startsLine = true;

  constructor(source: Source, settings: Settings) {
    this.#source = source;
    this.#settings = settings;
    this.#marks = marksOf(settings);
  }

  split(from: number): Piece[] {
    const { text } = this.#source;
    let at = from;
    for (let found = search(this.#marks.start, text, at); found !== null; found = search(this.#marks.start, text, at)) {
      const { raw, rawSign = "", variable, comment, sign = rawSign } = found.groups ?? {};
      this.#addText(text.slice(at, found.index), sign, variable === undefined);
      const inside = found.index + found[0].length;
      if (raw !== undefined) at = this.#raw(found.index, inside);
      else if (comment !== undefined) at = this.#comment(found.index, inside);
      else if (variable !== undefined) at = this.#expression(found.index, inside);
      else at = this.#statement(found.index, inside);
      this.#startsLine = /[\r\n]/.test(text.charAt(at - 1));
    }
    this.#addText(text.slice(at), "+", false);
    return this.#pieces;
  }

  /** Text before something: with `-` its white space goes, and with lstrip_blocks what indents a statement or a comment. */
  #addText(text: string, sign: string, mayStrip: boolean): void {
    let kept = text;
    if (sign === "-") kept = text.trimEnd();
    else if (sign !== "+" && this.#settings.lstrip_blocks && mayStrip) {
      const line = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1;
      if ((line > 0 || this.#startsLine) && blank.test(text.slice(line))) kept = text.slice(0, line);
    }
    const { newline_sequence: wanted } = this.#settings;
    if (wanted !== "\n" || kept.includes("\r")) kept = kept.replaceAll(newline, wanted);
    if (kept !== "") this.#pieces.push({ is: "text", text: kept });
  }

  #raw(at: number, inside: number): number {
    const { text } = this.#source;
    const end = search(this.#marks.rawEnd, text, inside);
    if (end === null) throw syntaxError(this.#source, at, "'raw' is never closed", "close it with {% endraw %}");
    this.#startsLine = /[\r\n]/.test(text.charAt(inside - 1));
    this.#addText(text.slice(inside, end.index), end.groups?.sign ?? "", true);
    return end.index + end[0].length;
  }

  #comment(at: number, inside: number): number {
    const end = search(this.#marks.commentEnd, this.#source.text, inside);
    if (end !== null) return end.index + end[0].length;
    const { comment_start_string: open, comment_end_string: close } = this.#settings;
    throw syntaxError(this.#source, at, `the comment '${open}' is never closed`, `close it with '${close}'`);
  }

  #expression(at: number, inside: number): number {
    const tokens = tokenize(this.#source, inside, this.#marks.variable, this.#settings.keepsBackslashes);
    this.#pieces.push({ is: "print", at, tokens });
    return tokens.at(-1)?.to ?? inside;
  }

  #statement(at: number, inside: number): number {
    const tokens = tokenize(this.#source, inside, this.#marks.block);
    this.#pieces.push({ is: "statement", at, tokens });
    return tokens.at(-1)?.to ?? inside;
  }
}

/** The pieces of a text from an offset on; a newline at its very end is no part of them unless the settings keep it. */
export function splitPieces(source: Source, from: number, settings: Settings): Piece[] {
  const text = settings.keep_trailing_newline ? source.text : source.text.replace(/(?:\r\n|\r|\n)$/, "");
  return new Splitter({ ...source, text }, settings).split(from);
}
