import type { KindDefinition } from "../modules/kind.ts";
import { isKindName, kinds } from "../modules/kinds/kinds.ts";
import { isJsonRecord, type Json, type JsonRecord } from "./json.ts";
import type { Edit, Entry, Spec } from "./spec.ts";

/** The spec with the edit in it: a candidate until it is observed. */
export function applyEdit(spec: Spec, edit: Edit): Spec {
  return { ...spec, generation: edit.generation, entries: { ...spec.entries, ...edit.set } };
}

/**
 * The spec to keep once the edit is reached: a tombstone has done its work when the thing is observed gone, that of a child
 * as well, and `exclusive` when what was not named is gone.
 */
export function settle(candidate: Spec, edit: Edit): Spec {
  const entries = Object.entries(candidate.entries).flatMap(([key, entry]): [string, Entry][] => {
    if (!(key in edit.set)) return [[key, entry]];
    return entry.state === "absent" ? [] : [[key, { ...entry, resource: settleResource(entry.resource) }]];
  });
  return { ...candidate, entries: Object.fromEntries(entries) };
}

function settleResource(resource: JsonRecord): JsonRecord {
  const kept = Object.entries(resource)
    .filter(([field]) => field !== "exclusive" && field !== "end_sessions")
    .map(([field, value]): [string, Json] => [
      field,
      Array.isArray(value) ? value.filter((child) => !isTombstone(child)) : value,
    ]);
  return Object.fromEntries(kept);
}

function isTombstone(child: Json): boolean {
  return isJsonRecord(child) && child.state === "absent";
}

/**
 * The way back for the same keys alone: what was not there becomes absent, what was there becomes what it was, without the
 * children that the edit added. Never 'the spec before': others may have edited it meanwhile.
 */
export function inverse(spec: Spec, edit: Edit): Record<string, Entry> {
  return Object.fromEntries(
    Object.entries(edit.set).flatMap(([key, entry]): [string, Entry][] => {
      const before = spec.entries[key];
      if (before !== undefined) return [[key, withoutMore(before, entry)]];
      // What the edit wanted gone and the spec never had: there is nothing to restore.
      return entry.state === "absent" ? [] : [[key, { ...entry, state: "absent" }]];
    }),
  );
}

/** What an entry was, as an edit leads back to it: its lists are the whole, where it has more in one of them by now. */
export function withoutMore(before: Entry, edited: Entry): Entry {
  if (!isKindName(before.kind) || edited.state === "absent") return before;
  const { children, schema }: KindDefinition = kinds[before.kind];
  const added = Object.entries(children).some(([field, keyOf]) => {
    const had = new Set(listOf(before.resource[field]).map(keyOf));
    return listOf(edited.resource[field]).some((child) => !had.has(keyOf(child)));
  });
  return added && "exclusive" in schema.shape
    ? { ...before, resource: { ...before.resource, exclusive: true } }
    : before;
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
