import { Refusal } from "../value.ts";
import {
  type CharTest,
  type Flags,
  isBoundary,
  isDigit,
  isSpace,
  isWord,
  type RegexNode,
  widthOf,
  withCase,
} from "./node.ts";

const mostPattern = 2_000;
const mostRepeat = 1_000;
const mostNesting = 50;
const controls: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\x07",
  "0": "\0",
};
const classes: Readonly<Record<string, CharTest>> = {
  d: isDigit,
  D: (char) => !isDigit(char),
  s: isSpace,
  S: (char) => !isSpace(char),
  w: isWord,
  W: (char) => !isWord(char),
};

export interface Parsed {
  root: RegexNode;
  /** Groups, the whole match not counted. */
  groups: number;
  names: ReadonlyMap<string, number>;
}

/** Reads a regular expression in Python's syntax, but for possessive quantifiers. */
export function parseRegex(pattern: string, given: Flags): Parsed {
  if (pattern.length > mostPattern) throw new Refusal(`the regular expression has more than ${mostPattern} characters`);
  return new RegexParser(pattern, given).whole();
}

class RegexParser {
  readonly #pattern: string;
  readonly #names = new Map<string, number>();
  #flags: Flags;
  #at = 0;
  #groups = 0;
  #nesting = 0;

  constructor(pattern: string, flags: Flags) {
    this.#pattern = pattern;
    this.#flags = flags;
  }

  whole(): Parsed {
    const flags = /^\(\?([ims]+)\)/.exec(this.#pattern);
    if (flags !== null) {
      const letters = flags[1] ?? "";
      const { ignoreCase, multiline, dotAll } = this.#flags;
      this.#flags = {
        ignoreCase: ignoreCase || letters.includes("i"),
        multiline: multiline || letters.includes("m"),
        dotAll: dotAll || letters.includes("s"),
      };
      this.#at = flags[0].length;
    }
    const root = this.#choice();
    if (this.#at < this.#pattern.length) throw this.#problem("a ')' closes nothing");
    return { root, groups: this.#groups, names: this.#names };
  }

  #choice(): RegexNode {
    if (++this.#nesting > mostNesting) throw this.#problem("it is nested too deep");
    const options = [this.#sequence()];
    while (this.#takes("|")) options.push(this.#sequence());
    this.#nesting--;
    const [only] = options;
    return options.length === 1 && only !== undefined ? only : { is: "choice", options };
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.#at < this.#pattern.length && !"|)".includes(this.#char())) parts.push(this.#repeated());
    return { is: "sequence", parts };
  }

  #repeated(): RegexNode {
    let node = this.#atom();
    for (;;) {
      const bounds = /^(?:([*+?])|\{(\d*)(,?)(\d*)\})/.exec(this.#pattern.slice(this.#at, this.#at + 20));
      if (bounds === null || bounds[0] === "{}" || bounds[0] === "{,}") return node;
      const [whole, sign, from, comma, to] = bounds;
      if (node.is === "repeat") throw this.#problem(`'${whole}' repeats a repetition`);
      this.#at += whole.length;
      const least = sign === "+" ? 1 : Number(from ?? 0);
      const most =
        sign === "?" ? 1 : sign !== undefined ? Infinity : comma === "" ? least : to === "" ? Infinity : Number(to);
      if (least > mostRepeat || (most !== Infinity && most > mostRepeat))
        throw this.#problem(`more than ${mostRepeat} repetitions`);
      if (least > most) throw this.#problem(`'${whole}' has its bounds the wrong way round`);
      node = { is: "repeat", of: node, least, most, greedy: !this.#takes("?") };
    }
  }

  #atom(): RegexNode {
    const char = this.#char();
    if ("*+?".includes(char)) throw this.#problem(`'${char}' has nothing to repeat`);
    this.#at++;
    if (char === "(") return this.#group();
    if (char === "[") return { is: "char", test: withCase(this.#class(), this.#flags) };
    if (char === ".") return { is: "char", test: this.#flags.dotAll ? () => true : (code) => code !== 10 };
    if (char === "^") return { is: "assert", test: this.#flags.multiline ? atLineStart : atStart };
    if (char === "$") return { is: "assert", test: this.#flags.multiline ? atLineEnd : atLastLineEnd };
    if (char === "\\") return this.#escape();
    return this.#literal(char);
  }

  #literal(char: string): RegexNode {
    const code = char.charCodeAt(0);
    return { is: "char", test: withCase((each) => each === code, this.#flags) };
  }

  #escape(): RegexNode {
    const char = this.#char();
    this.#at++;
    if (char === "b") return { is: "assert", test: isBoundary };
    if (char === "B") return { is: "assert", test: (text, at) => !isBoundary(text, at) };
    if (char === "A") return { is: "assert", test: atStart };
    if (char === "Z") return { is: "assert", test: (text, at) => at === text.length };
    if (/[1-9]/.test(char)) return this.#back(Number(char));
    const test = Object.hasOwn(classes, char) ? classes[char] : undefined;
    return test === undefined ? this.#literal(this.#escaped(char)) : { is: "char", test };
  }

  #back(index: number): RegexNode {
    if (index > this.#groups) throw this.#problem(`there is no group ${index} yet`);
    return { is: "back", index };
  }

  #escaped(char: string): string {
    if (char === "") throw this.#problem("it ends in a backslash");
    const hex = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(this.#pattern.slice(this.#at - 1, this.#at + 4));
    if (hex === null) return (Object.hasOwn(controls, char) ? controls[char] : undefined) ?? char;
    this.#at += hex[0].length - 1;
    return String.fromCharCode(Number.parseInt(hex[1] ?? hex[2] ?? "0", 16));
  }

  #group(): RegexNode {
    const start = /^\?(?::|=|!|<=|<!|P?<([A-Za-z_]\w*)>|P=(\w+)\))/.exec(this.#pattern.slice(this.#at, this.#at + 80));
    if (start === null && this.#char() === "?") throw this.#problem("this sort of group is not supported");
    this.#at += start?.[0].length ?? 0;
    const [whole, name, reference] = start ?? [];
    if (reference !== undefined) return this.#back(this.#names.get(reference) ?? Number.MAX_SAFE_INTEGER);
    const captures = whole === undefined || name !== undefined;
    const index = captures ? ++this.#groups : 0;
    if (name !== undefined) this.#names.set(name, index);
    const of = this.#choice();
    if (!this.#takes(")")) throw this.#problem("a '(' is never closed");
    if (captures) return { is: "group", of, index };
    if (whole === "?:") return of;
    const behind = whole === "?<=" || whole === "?<!";
    if (behind && widthOf(of) === undefined) throw this.#problem("what is looked for behind has no fixed width");
    return { is: "look", of, negative: whole === "?!" || whole === "?<!", behind };
  }

  /** A class in brackets; the opening one is taken. */
  #class(): CharTest {
    const negative = this.#takes("^");
    const tests: CharTest[] = [];
    for (let first = true; first || this.#char() !== "]"; first = false) {
      if (this.#at >= this.#pattern.length) throw this.#problem("a '[' is never closed");
      const from = this.#classItem();
      if (typeof from === "function") tests.push(from);
      else if (this.#char() === "-" && this.#pattern[this.#at + 1] !== "]" && this.#at + 1 < this.#pattern.length) {
        this.#at++;
        const to = this.#classItem();
        if (typeof to === "function" || to < from) throw this.#problem("a range in brackets has no sense");
        tests.push((char) => char >= from && char <= to);
      } else tests.push((char) => char === from);
    }
    this.#at++;
    return (char) => tests.some((test) => test(char)) !== negative;
  }

  #classItem(): number | CharTest {
    const char = this.#char();
    this.#at++;
    if (char !== "\\") return char.charCodeAt(0);
    const letter = this.#char();
    this.#at++;
    const test = Object.hasOwn(classes, letter) ? classes[letter] : undefined;
    return test ?? (letter === "b" ? 8 : this.#escaped(letter).charCodeAt(0));
  }

  #char(): string {
    return this.#pattern.charAt(this.#at);
  }

  #takes(char: string): boolean {
    if (this.#char() !== char) return false;
    this.#at++;
    return true;
  }

  #problem(reason: string): Refusal {
    return new Refusal(`the regular expression '${this.#pattern}' is wrong at character ${this.#at + 1}: ${reason}`);
  }
}

const atStart = (_: string, at: number) => at === 0;
const atLineStart = (text: string, at: number) => at === 0 || text[at - 1] === "\n";
const atLineEnd = (text: string, at: number) => at === text.length || text[at] === "\n";
const atLastLineEnd = (text: string, at: number) => at === text.length || (at === text.length - 1 && text[at] === "\n");
