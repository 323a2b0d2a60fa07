/** Half of a character that JavaScript counts as two. */
const surrogate = /[\ud800-\udfff]/;

type CharTest = (char: string) => boolean;
type Part = CharTest | "any";

/** A test for a shell's wildcards, as Python's fnmatch has them: `*`, `?`, `[abc]`, `[a-f]`, `[!abc]`. */
export function wildcardTest(pattern: string): (text: string) => boolean {
  const parts = parse([...pattern]);
  // Most names are told apart by how they begin.
  const [start = ""] = /^[^*?[]*/.exec(pattern) ?? [];
  return (text) => text.startsWith(start) && matches(parts, surrogate.test(text) ? [...text] : text);
}

function parse(pattern: readonly string[]): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "*") parts.push("any");
    else if (char === "?") parts.push(() => true);
    else {
      const end = char === "[" ? endOfSet(pattern, at) : -1;
      if (end < 0) parts.push((each) => each === char);
      else parts.push(setTest(pattern.slice(at + 1, end)));
      at = Math.max(at, end);
    }
  }
  return parts;
}

/** Where a set's `]` is: one that comes first belongs to it. */
function endOfSet(pattern: readonly string[], start: number): number {
  let from = start + 1;
  if (pattern[from] === "!") from++;
  if (pattern[from] === "]") from++;
  return pattern.indexOf("]", from);
}

function setTest(set: readonly string[]): CharTest {
  const isNegative = set[0] === "!";
  const members = isNegative ? set.slice(1) : set;
  const singles = new Set<string>();
  const ranges: [from: string, to: string][] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? "";
    const to = members[at + 1] === "-" ? members[at + 2] : undefined;
    if (to === undefined) singles.add(from);
    else {
      ranges.push([from, to]);
      at += 2;
    }
  }
  return (char) => isNegative !== (singles.has(char) || ranges.some(([from, to]) => from <= char && char <= to));
}

/** Tries the last `*` anew where what follows it does not fit: no text takes longer than its length times the pattern's. */
function matches(parts: readonly Part[], text: readonly string[] | string): boolean {
  let [part, at, star, retry] = [0, 0, -1, 0];
  while (at < text.length) {
    const current = parts[part];
    if (current === "any") {
      star = part++;
      retry = at;
    } else if (current?.(text[at] ?? "") === true) {
      part++;
      at++;
    } else if (star >= 0) {
      part = star + 1;
      at = ++retry;
    } else return false;
  }
  return parts.slice(part).every((each) => each === "any");
}
