import { Group } from "./group.ts";
import { didYouMean } from "./suggest.ts";
import { isList, isMapping, LazyMap, own, Refusal, Tool, typeName, Undefined, type Value } from "./value.ts";

/** `of.name` and `of['name']`: an own entry, never a prototype's; undefined goes on as undefined, as in Ansible. */
export function attribute(of: Value, name: string): Value {
  if (of instanceof Undefined) return of;
  if (of instanceof LazyMap) return of.get(name) ?? missing(name, of.keys());
  if (of instanceof Tool) {
    const part = of.part(name);
    return part === undefined ? new Undefined(`${of.what} has no '${name}'`) : part;
  }
  if (isMapping(of)) return own(of, name) ?? missing(name, Object.keys(of));
  const part = of instanceof Group ? of.part(name) : undefined;
  if (part !== undefined) return part;
  return new Undefined(`${typeName(of)} has no '${name}'`);
}

function missing(name: string, keys: Iterable<string>): Undefined {
  return new Undefined(`there is no '${name}' in the mapping`, () => didYouMean(name, keys));
}

/** `of[index]` of a list or a text, from the end where negative; of a mapping by key. */
export function itemAt(of: Value, index: Value): Value {
  if (of instanceof Undefined) return of;
  if (index instanceof Undefined) throw index.refusal();
  if (typeof index === "string") return attribute(of, index);
  if (isMapping(of) || of instanceof LazyMap) return attribute(of, String(index));
  if (!Number.isInteger(index) || typeof index !== "number")
    throw new Refusal(`an index is a whole number or text, got ${typeName(index)}`);
  if (typeof of !== "string" && !isList(of)) return new Undefined(`${typeName(of)} has no item ${index}`);
  const found = of.at(index);
  if (found !== undefined) return found;
  return new Undefined(`there is no item ${index}: the ${isList(of) ? "list" : "text"} has ${of.length}`);
}

interface Bounds {
  from: number | undefined;
  to: number | undefined;
  step: number | undefined;
}

/** A slice of a list or a text, by Python's rules. */
export function slice(of: Value, { from, to, step = 1 }: Bounds): Value {
  if (of instanceof Undefined) return of;
  if (typeof of !== "string" && !isList(of)) throw new Refusal(`a slice needs a list or a text, got ${typeName(of)}`);
  if (step === 0) throw new Refusal("a slice cannot go in steps of zero");
  const { length } = of;
  const clamp = (index: number) => {
    const positive = index < 0 ? index + length : index;
    return step > 0 ? Math.min(Math.max(positive, 0), length) : Math.min(Math.max(positive, -1), length - 1);
  };
  const start = from === undefined ? (step > 0 ? 0 : length - 1) : clamp(from);
  const end = to === undefined ? (step > 0 ? length : -1) : clamp(to);
  if (step === 1) return of.slice(start, Math.max(start, end));
  const items: Value[] = [];
  for (let index = start; step > 0 ? index < end : index > end; index += step) items.push(of[index] ?? null);
  return typeof of === "string" ? items.join("") : items;
}
