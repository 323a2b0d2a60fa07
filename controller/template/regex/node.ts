/** Whether a UTF-16 code unit belongs to a class of characters. */
export type CharTest = (code: number) => boolean;

/** A regular expression, read. */
export type RegexNode =
  | { is: "char"; test: CharTest }
  | { is: "sequence"; parts: readonly RegexNode[] }
  | { is: "choice"; options: readonly RegexNode[] }
  | { is: "repeat"; of: RegexNode; least: number; most: number; greedy: boolean }
  | { is: "group"; of: RegexNode; index: number }
  | { is: "back"; index: number }
  | { is: "look"; of: RegexNode; negative: boolean; behind: boolean }
  | { is: "assert"; test: (text: string, at: number) => boolean };

export interface Flags {
  ignoreCase: boolean;
  multiline: boolean;
  dotAll: boolean;
}

const code = (char: string) => char.charCodeAt(0);

export const isDigit: CharTest = (char) => char >= code("0") && char <= code("9");
export const isSpace: CharTest = (char) =>
  char === 32 || (char >= 9 && char <= 13) || (char >= 28 && char <= 31) || char === 0xa0;

export const isWord: CharTest = (char) =>
  isDigit(char) ||
  (char >= code("a") && char <= code("z")) ||
  (char >= code("A") && char <= code("Z")) ||
  char === code("_") ||
  (char > 127 && /\p{L}|\p{N}/u.test(String.fromCharCode(char)));

function other(char: number): number {
  const text = String.fromCharCode(char);
  const lower = text.toLowerCase();
  return (lower === text ? text.toUpperCase() : lower).charCodeAt(0);
}

/** The test as it is with or without regard to case. */
export function withCase(test: CharTest, { ignoreCase }: Flags): CharTest {
  return ignoreCase ? (char) => test(char) || test(other(char)) : test;
}

export function isBoundary(text: string, at: number): boolean {
  const before = at > 0 && isWord(text.charCodeAt(at - 1));
  const after = at < text.length && isWord(text.charCodeAt(at));
  return before !== after;
}

/** How many characters each of a node's matches has; undefined where it is not one number. */
export function widthOf(node: RegexNode): number | undefined {
  switch (node.is) {
    case "char":
      return 1;
    case "assert":
    case "look":
      return 0;
    case "back":
      return undefined;
    case "group":
      return widthOf(node.of);
    case "sequence":
      return node.parts.reduce<number | undefined>((sum, part) => added(sum, widthOf(part)), 0);
    case "choice": {
      const [first, ...others] = node.options.map(widthOf);
      return others.every((width) => width === first) ? first : undefined;
    }
    case "repeat": {
      const width = widthOf(node.of);
      return node.least === node.most && width !== undefined ? width * node.least : undefined;
    }
  }
}

function added(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
