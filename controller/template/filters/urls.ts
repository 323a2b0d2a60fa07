import type { CallArguments, Evaluation } from "../evaluation.ts";
import { argument, defined, takeItems, takeText } from "../take.ts";
import { entriesOf, pythonText } from "../text.ts";
import { splitNetloc, splitUrl } from "../url.ts";
import { excerpt, isList, isMapping, LazyMap, own, Refusal, type Value } from "../value.ts";
import { type Filters, onText } from "./filter.ts";

/** Bytes of UTF-8 that are no letters, digits or `_.-~` as `%XX`; a slash too where `all`. */
function quoted(text: string, all: boolean): string {
  if (/\p{Surrogate}/u.test(text)) throw new Refusal("the text has half a character in it");
  const encoded = encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return all ? encoded.replaceAll("%20", "+") : encoded.replaceAll("%2F", "/");
}

function urlEncode(value: Value, evaluation: Evaluation): string {
  const { budget } = evaluation;
  const parts: string[] = [];
  const asText = (each: Value) => {
    const text = pythonText(defined(each), budget);
    budget.spendText(3 * text.length);
    return text;
  };
  if (!isList(value) && !isMapping(value) && !(value instanceof LazyMap)) return quoted(asText(value), false);
  const pairs: readonly Value[] = isList(value) ? value : entriesOf(value);
  for (const pair of pairs) {
    const [key = null, item = null] = takeItems(pair, "each pair", evaluation);
    parts.push(`${quoted(asText(key), true)}=${quoted(asText(item), true)}`);
  }
  return parts.join("&");
}

/** `+` is a space; bytes that are no UTF-8 become the sign for that. */
function urlDecode(text: string): string {
  return text
    .replaceAll("+", " ")
    .replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
}

function urlSplit(text: string, args: CallArguments): Value {
  const parts = splitUrl(text);
  const { hostname, port, username, password } = splitNetloc(parts.netloc);
  const found = { ...parts, hostname, port, username, password };
  const wanted = takeText(argument(args, 0, "query") ?? "", "query");
  if (wanted === "") return found;
  const part = own(found, wanted);
  if (part === undefined)
    throw new Refusal(`a URL has no ${excerpt(wanted)}`, `it has ${Object.keys(found).join(", ")}`);
  return part;
}

/** Filters of URLs. */
export const urlFilters: Filters = {
  urlencode: { takes: [], does: (value, _, evaluation) => urlEncode(defined(value), evaluation) },
  urldecode: onText([], urlDecode),
  urlsplit: onText(["query", "alias"], urlSplit),
};
