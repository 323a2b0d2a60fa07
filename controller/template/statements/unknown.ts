import { type Source, syntaxError } from "../problem.ts";
import { didYouMean } from "../suggest.ts";
import type { Tag } from "./tag.ts";

const inheritance = "write what differs as variables or macros, and the common part as a file to {% include %}";

/** Statements of Jinja's that are not there, with what to write instead. */
const refused: Readonly<Record<string, string>> = {
  autoescape: "escape where it is needed: {{ value | e }}",
  block: inheritance,
  debug: "use the action debug",
  extends: inheritance,
  trans: "write the text itself",
};

/** The tags that stand within or end a statement, with what they belong to. */
const parts: Readonly<Record<string, string>> = {
  elif: "if",
  else: "if",
  elseif: "if",
  endblock: "block",
  endcall: "call",
  endfilter: "filter",
  endfor: "for",
  endif: "if",
  endmacro: "macro",
  endraw: "raw",
  endset: "set",
  endwith: "with",
};

/** The error for a tag that begins no statement. `opened` is the statement that it stands in. */
export function unknownStatement(source: Source, tag: Tag, opened: Tag | undefined, all: readonly string[]) {
  const { at, name } = tag;
  const instead = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (instead !== undefined) return syntaxError(source, at, `{% ${name} %} is not there`, instead);
  if (name === "elseif") return syntaxError(source, at, "there is no statement 'elseif'", "write {% elif … %}");
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (part === undefined) return syntaxError(source, at, `there is no statement '${name}'`, didYouMean(name, all));
  if (opened !== undefined && (name === "else" || name === "elif") && (opened.name === "if" || opened.name === "for"))
    return syntaxError(source, at, `{% ${name} %} stands behind the {% else %} of {% ${opened.name} %}`);
  const reason = `{% ${name} %} belongs to {% ${part} %}, and none is open here`;
  if (opened === undefined) return syntaxError(source, at, reason);
  return syntaxError(
    source,
    at,
    reason,
    `close {% ${opened.name} %} first: ${source.placeOf(opened.at) ?? "before it"}`,
  );
}
