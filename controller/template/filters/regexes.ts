import type { CallArguments, Evaluation } from "../evaluation.ts";
import { compileRegex, type Match, type Regex, search } from "../regex/regex.ts";
import { argument, defined, takeFlag, takeRegex, takeText, takeWhole } from "../take.ts";
import { pythonText } from "../text.ts";
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

/** What the group is that `\1`, `\g<1>` or `\g<name>` names; undefined where it took no part. */
function groupOf(match: Match, reference: string): string | undefined {
  const index = /^\d+$/.test(reference) ? Number(reference) : match.names.get(reference);
  if (index === undefined || index >= match.groups.length)
    throw new Refusal(`the regular expression has no group '${reference}'`);
  return match.groups[index];
}

const controls: Readonly<Record<string, string>> = {
  "\\n": "\n",
  "\\t": "\t",
  "\\r": "\r",
  "\\a": "\x07",
  "\\b": "\b",
  "\\f": "\f",
  "\\v": "\v",
  "\\\\": "\\",
};

/** A replacement with its groups filled in, by the rules of Python's `re.sub`. */
function expand(replacement: string, match: Match): string {
  return replacement.replaceAll(
    /\\(?:([1-9]\d?)|g<(\w+)>|[\s\S]?)/g,
    (all, number: string | undefined, name: string | undefined) => {
      const reference = number ?? name;
      if (reference !== undefined) return groupOf(match, reference) ?? "";
      const control = controls[all];
      if (control === undefined && /^\\([a-zA-Z]?$)/.test(all))
        throw new Refusal(`'${all}' has no meaning in a replacement`, "a backslash is written \\\\\\\\");
      return control ?? all;
    },
  );
}

function subject(value: Value, evaluation: Evaluation): string {
  return pythonText(defined(value), evaluation.budget);
}

/** The regular expression behind `regex`; newer versions of Ansible call it `pattern` in places. */
function regexOf(args: CallArguments, ignorecaseAt: number, multilineAt: number): Regex {
  const pattern = argument(args, 0, "regex") ?? argument(args, 0, "pattern");
  return compileRegex(takeText(pattern, "the pattern"), {
    ignoreCase: takeFlag(argument(args, ignorecaseAt, "ignorecase"), false),
    multiline: takeFlag(argument(args, multilineAt, "multiline"), false),
    whole: false,
  });
}

function replace(value: Value, args: CallArguments, evaluation: Evaluation): string {
  const text = subject(value, evaluation);
  const regex = takeRegex(args, 0, 2);
  const replacement = takeText(argument(args, 1, "replacement") ?? "", "the replacement");
  const most = takeWhole(argument(args, 4, "count") ?? 0, "count");
  const wanted = takeWhole(argument(args, 5, "mandatory_count") ?? 0, "mandatory_count");
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
  if (wanted > 0 && count !== wanted)
    throw new Refusal(`'regex_replace' must replace ${wanted} times, and replaced ${count} times`);
  return parts.join("") + text.slice(end);
}

function find(value: Value, args: CallArguments, evaluation: Evaluation): Value {
  const match = search(regexOf(args, Infinity, Infinity), subject(value, evaluation), 0, evaluation.budget);
  if (match === undefined) return null;
  const references = args.positional.slice(1).map((each) => takeText(each, "each group"));
  if (references.length === 0) return match.groups[0] ?? "";
  return references.map((each) => {
    const [, name, number] = /^\\(?:g<(\w+)>|(\d+))/.exec(each) ?? [];
    if (name === undefined && number === undefined)
      throw new Refusal(`'${each}' names no group`, "a group is written '\\\\1' or '\\\\g<name>'");
    return groupOf(match, name ?? number ?? "") ?? null;
  });
}

function escapeRegex(text: string, type: string): string {
  if (type === "python") return text.replaceAll(/[.*+?^${}()|[\]\\#&~ \t\n\r\v\f-]/g, "\\$&");
  if (type === "posix_basic") return text.replaceAll(/[\].[^$*\\]/g, "\\$&");
  throw new Refusal(`there is no type '${type}' of regular expressions`, "there are python and posix_basic");
}

export const regexFilters: Filters = {
  regex_replace: {
    takes: ["pattern", "replacement", "ignorecase", "multiline", "count", "mandatory_count"],
    does: replace,
  },
  regex_search: { takes: undefined, does: find },
  regex_findall: {
    takes: ["regex", "multiline", "ignorecase", "pattern"],
    does: (value, args, evaluation) => {
      const matches = [...allMatches(regexOf(args, 2, 1), subject(value, evaluation), evaluation)];
      return matches.map(({ groups: [whole = "", ...groups] }) => {
        const [first = ""] = groups;
        return groups.length === 0 ? whole : groups.length === 1 ? first : groups.map((group) => group ?? "");
      });
    },
  },
  regex_escape: {
    takes: ["re_type"],
    does: (value, args, evaluation) =>
      escapeRegex(subject(value, evaluation), takeText(argument(args, 0, "re_type") ?? "python", "re_type")),
  },
};
