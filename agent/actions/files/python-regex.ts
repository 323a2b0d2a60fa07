import { FlashfleetError } from "../../../shared/errors.ts";

/** A pattern as playbooks have it, which is Python's. Throws `bad_argument` for one that is wrong, or that only Python has. */
export function compilePython(pattern: string, argument: string): RegExp {
  const [, letters = ""] = /^\(\?([aiLmsux]+)\)/.exec(pattern) ?? [];
  const body = translated(pattern.replace(/^\(\?[aiLmsux]+\)/, ""), letters.includes("m"));
  const flags = [...new Set(letters)].filter((letter) => "ims".includes(letter)).join("");
  try {
    if (/[Lx]/.test(letters)) throw new SyntaxError(`the flag ${letters} is not supported`);
    return new RegExp(body, flags);
  } catch (cause) {
    throw new FlashfleetError(
      "bad_argument",
      `cannot use ${argument} ${JSON.stringify(pattern)}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: "it is a regular expression; a character that means itself gets a backslash", cause },
    );
  }
}

const ends = "(?![\\s\\S])";

/** What Python writes in another way; in a class all is as it is. */
function translated(pattern: string, isMultiline: boolean): string {
  let inClass = false;
  return pattern.replaceAll(/\\[\s\S]|\(\?P<(\w+)>|\(\?P=(\w+)\)|[[\]$]/g, (token, name?: string, again?: string) => {
    if (token === "[") inClass = true;
    else if (token === "]") inClass = false;
    if (inClass) return token;
    if (name !== undefined) return `(?<${name}>`;
    if (again !== undefined) return `\\k<${again}>`;
    if (token === "\\A") return "(?<![\\s\\S])";
    if (token === "\\Z") return ends;
    // Before a newline at the end too.
    return token === "$" && !isMultiline ? `(?=\\n?${ends})` : token;
  });
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\" };

/** `\1`, `\g<1>` and `\g<name>` in a line, as Python's `match.expand` replaces them. */
export function expandMatch(line: string, match: RegExpExecArray): string {
  return line.replaceAll(
    /\\(?:g<(\w+)>|(\d{1,2})|([\s\S]))/g,
    (whole, name?: string, number?: string, other?: string) => {
      if (other !== undefined) return escapes[other] ?? whole;
      const group = name ?? number ?? "0";
      if (/^\d+$/.test(group) && Number(group) < match.length) return match[Number(group)] ?? "";
      const named = match.groups;
      if (named !== undefined && Object.hasOwn(named, group)) return named[group] ?? "";
      throw new FlashfleetError(
        "bad_argument",
        `cannot use the line ${JSON.stringify(line)}: regexp has no group ${group}`,
        {
          hint: "groups are counted from \\1",
        },
      );
    },
  );
}
