import type { CallArguments, Evaluation } from "./evaluation.ts";
import { listMethods } from "./methods/list.ts";
import { mappingMethods } from "./methods/mapping.ts";
import type { Methods } from "./methods/method.ts";
import { textMethods } from "./methods/text.ts";
import { didYouMean } from "./suggest.ts";
import { onlyArguments } from "./take.ts";
import { isList, isMapping, LazyMap, Refusal, typeName, Undefined, type Value } from "./value.ts";

/** Every method by what it belongs to. */
export const methods = { text: textMethods, list: listMethods, mapping: mappingMethods } as const;

const refused: Readonly<Record<string, string>> = {
  encode: "there are no bytes: take b64encode, urlencode or hash, which make text of text",
  decode: "there are no bytes: b64decode makes text of text",
  translate: "take replace or regex_replace",
  format_map: "take format(name=value)",
};

function call<Of>(table: Methods<Of>, of: Of, what: string, name: string, args: CallArguments, evaluation: Evaluation) {
  const method = Object.hasOwn(table, name) ? table[name] : undefined;
  if (method === undefined) {
    const hint = Object.hasOwn(refused, name) ? refused[name] : didYouMean(name, Object.keys(table));
    throw new Refusal(`${what} has no method '${name}'`, hint);
  }
  if (method.takes !== undefined) onlyArguments(args, `'${name}'`, method.takes);
  evaluation.budget.spend(1 + (typeof of === "string" ? of.length >> 6 : 0));
  return method.does(of, args, evaluation);
}

/** `of.name(…)` for the methods of Python's texts, mappings and lists; no other can be reached. */
export function callMethod(of: Value, name: string, args: CallArguments, evaluation: Evaluation): Value {
  if (of instanceof Undefined) throw of.refusal();
  if (typeof of === "string") return call(methods.text, of, "text", name, args, evaluation);
  if (isList(of)) return call(methods.list, of, "a list", name, args, evaluation);
  if (of instanceof LazyMap || isMapping(of)) return call(methods.mapping, of, "a mapping", name, args, evaluation);
  throw new Refusal(`${typeName(of)} has no method '${name}'`);
}
