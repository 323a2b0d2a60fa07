import type { Evaluation } from "../evaluation.ts";
import { type Match, type Regex, search } from "../regex/regex.ts";
import { argument, defined, takeRegex, takeText, takeWhole } from "../take.ts";
import { renderText } from "../text.ts";
import { Refusal, type Value } from "../value.ts";
import type { Filters } from "./filter.ts";

function* allMatches(regex: Regex, text: string, evaluation: Evaluation): Generator<Match> {
  let from = 0;
  while (from <= text.length) {
    const match = search(regex, text, from, evaluation.budget);
    if (match === undefined) return;
    yield match;
    from = match.end > match.start ? match.end : match.end + 1;
  }
}

/** The group that `\1`, `\g<1>` or `\g<name>` names. */
function groupOf(match: Match, reference: string): string {
  const index = /^\d+$/.test(reference) ? Number(reference) : match.names.get(reference);
  if (index === undefined || index >= match.groups.length)
    throw new Refusal(`the regular expression has no group '${reference}'`);
  return match.groups[index] ?? "";
}

function expand(replacement: string, match: Match): string {
  return replacement.replaceAll(
    /\\(?:(\d{1,2})|g<(\w+)>|n|t|\\)/g,
    (all, number: string | undefined, name: string | undefined) => {
      const reference = number ?? name;
      if (reference !== undefined) return groupOf(match, reference);
      return all === "\\n" ? "\n" : all === "\\t" ? "\t" : "\\";
    },
  );
}

function subject(value: Value, evaluation: Evaluation): string {
  return renderText(defined(value), evaluation.budget);
}

const flags = ["ignorecase", "multiline"];

export const regexFilters: Filters = {
  regex_replace: {
    takes: ["pattern", "replacement", ...flags, "count"],
    does: (value, args, evaluation) => {
      const text = subject(value, evaluation);
      const regex = takeRegex(args, 0, 2);
      const replacement = takeText(argument(args, 1, "replacement") ?? "", "the replacement");
      const most = takeWhole(argument(args, 4, "count") ?? 0, "count");
      const parts: string[] = [];
      let [end, count, length] = [0, 0, 0];
      for (const match of allMatches(regex, text, evaluation)) {
        const part = text.slice(end, match.start) + expand(replacement, match);
        length += part.length;
        evaluation.budget.spendText(length);
        parts.push(part);
        end = match.end;
        if (++count === most) break;
      }
      return parts.join("") + text.slice(end);
    },
  },
  regex_search: {
    takes: undefined,
    does: (value, args, evaluation) => {
      const match = search(takeRegex(args, 0, Infinity), subject(value, evaluation), 0, evaluation.budget);
      if (match === undefined) return null;
      const references = args.positional.slice(1).map((each) => takeText(each, "each group"));
      if (references.length === 0) return match.groups[0] ?? "";
      return references.map((each) => groupOf(match, each.replace(/^\\(?:g<(\w+)>|(\d+))$/, "$1$2")));
    },
  },
  regex_findall: {
    takes: ["pattern", ...flags],
    does: (value, args, evaluation) => {
      const matches = [...allMatches(takeRegex(args, 0, 1), subject(value, evaluation), evaluation)];
      return matches.map(({ groups: [whole = "", ...groups] }) => {
        const [first = ""] = groups;
        return groups.length === 0 ? whole : groups.length === 1 ? first : groups.map((group) => group ?? "");
      });
    },
  },
  regex_escape: {
    takes: [],
    does: (value, _, evaluation) => subject(value, evaluation).replaceAll(/[.*+?^${}()|[\]\\#&~\s-]/g, "\\$&"),
  },
};
