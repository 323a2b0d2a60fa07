import type { JsonRecord } from "../protocol/json.ts";
import { isJsonRecord, type Json } from "../protocol/json.ts";
import type { KindDefinition } from "./kind.ts";

/**
 * A resource as the spec has it, with what a task says laid over: fields left out keep their value, children merge by their
 * key, so that two playbooks that each add a host do not erase each other's. With `exclusive` the lists given are the whole.
 */
export function mergeResource(
  definition: KindDefinition,
  before: JsonRecord | undefined,
  next: JsonRecord,
): JsonRecord {
  if (before === undefined) return next;
  const merged: JsonRecord = { ...before, ...next };
  if (next.exclusive === true) return merged;
  for (const [field, keyOf] of Object.entries(definition.children)) {
    const old = before[field];
    const more = next[field];
    if (Array.isArray(old) && Array.isArray(more)) merged[field] = mergeChildren(old, more, keyOf);
  }
  return merged;
}

function mergeChildren(old: readonly Json[], more: readonly Json[], keyOf: (child: unknown) => string): Json[] {
  const children = new Map(old.map((child) => [keyOf(child), child]));
  for (const child of more) {
    const before = children.get(keyOf(child));
    children.set(keyOf(child), isJsonRecord(before) && isJsonRecord(child) ? { ...before, ...child } : child);
  }
  return [...children.values()];
}
