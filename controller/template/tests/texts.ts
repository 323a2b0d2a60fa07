import { matchAt, search } from "../regex/regex.ts";
import { argument, defined, takeItems, takeRegex, takeText } from "../take.ts";
import { pythonText } from "../text.ts";
import { splitUrl } from "../url.ts";
import { Refusal, type Value } from "../value.ts";
import { plain, type Test, type Tests } from "./test.ts";

function matches(anchored: boolean, whole: boolean): Test {
  return {
    takes: ["pattern", "ignorecase", "multiline"],
    holds: (value, args, { budget }) => {
      const text = pythonText(defined(value), budget);
      const regex = takeRegex(args, 0, 1, whole);
      return (anchored ? matchAt(regex, text, 0, budget) : search(regex, text, 0, budget)) !== undefined;
    },
  };
}

const regex: Test = {
  takes: ["pattern", "ignorecase", "multiline", "match_type"],
  holds: (value, args, evaluation) => {
    const type = takeText(argument(args, 3, "match_type") ?? "search", "match_type");
    if (type !== "search" && type !== "match" && type !== "fullmatch")
      throw new Refusal(`a match_type is search, match or fullmatch, got '${type}'`);
    return matches(type !== "search", type === "fullmatch").holds(value, args, evaluation);
  },
};

/** Whether a text is a URL of one of the schemes, or of any. */
function url(isUrl: boolean, only?: string): Test {
  return {
    takes: only === undefined ? ["schemes"] : [],
    holds: (value, args, evaluation) => {
      if (typeof defined(value) !== "string") return false;
      const given = argument(args, 0, "schemes");
      const schemes = only !== undefined ? [only] : given === undefined ? [] : takeItems(given, "schemes", evaluation);
      const parts = partsOf(String(value));
      if (parts === undefined || (schemes.length > 0 && !schemes.includes(parts.scheme))) return false;
      return !isUrl || parts.netloc !== "" || parts.scheme === "file";
    },
  };
}

function partsOf(text: string) {
  try {
    return splitUrl(text);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

const isAbsolute = plain((value: Value) => takeText(value, "the path").startsWith("/"));

/** Tests of texts. */
export const textTests: Tests = {
  match: matches(true, false),
  search: matches(false, false),
  fullmatch: matches(true, true),
  regex,
  uri: url(false),
  url: url(true),
  urn: url(false, "urn"),
  abs: isAbsolute,
  is_abs: isAbsolute,
};
