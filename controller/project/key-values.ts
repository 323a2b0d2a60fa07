import type { Json } from "../template/value.ts";

interface Word {
  text: string;
  at: number;
  to: number;
}

/** The words of a line: white space parts them, but not within quotes and braces of a template. */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  const word = /(?:\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|"(?:[^"\\]|\\.)*"|'[^']*'|\S)+/g;
  for (const match of line.matchAll(word))
    words.push({ text: match[0], at: match.index, to: match.index + match[0].length });
  return words;
}

/** A value without the quotes around it. */
function unquote(text: string): string {
  const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')$/s.exec(text);
  if (quoted === null) return text;
  return quoted[2] ?? (quoted[1] ?? "").replaceAll(/\\(["\\])/g, "$1");
}

/** `name=value` taken apart; undefined where the text is none. */
export function splitKeyValue(text: string): readonly [string, string] | undefined {
  const match = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text);
  return match === null ? undefined : [match[1] ?? "", match[2] ?? ""];
}

/** A value of a command line: JSON where it is a list or a mapping, else text; modules turn text into what they need. */
export function readValue(text: string): Json {
  if (!/^\s*(\[|\{(?!\{))/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface Arguments {
  values: Record<string, Json>;
  /** What is not `name=value`. */
  rest: string;
}

/**
 * Arguments in one line, as in `debug: msg="a b"`. With `bare`, names that are not in `names` belong to the rest, so
 * that `command: dd if=/dev/zero chdir=/tmp` runs what it says.
 */
export function parseKeyValues(line: string, names: readonly string[], bare: string | undefined): Arguments {
  const values: [string, Json][] = [];
  let rest = "";
  let from = 0;
  for (const { text, at, to } of splitWords(line)) {
    const pair = splitKeyValue(text);
    const isArgument = pair !== undefined && (bare === undefined || (names.includes(pair[0]) && pair[0] !== bare));
    if (isArgument) values.push([pair[0], readValue(unquote(pair[1]))]);
    rest += isArgument ? line.slice(from, at) : line.slice(from, to);
    from = to;
  }
  return { values: Object.fromEntries(values), rest: (rest + line.slice(from)).trim() };
}
