import { isKindName } from "../../../shared/modules/kinds/kinds.ts";
import { isSameJson } from "../../../shared/protocol/canonical.ts";
import { withoutMore } from "../../../shared/protocol/edit.ts";
import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Entry, Spec } from "../../../shared/protocol/spec.ts";
import { type Change, editedEntry } from "../../fleet/specs.ts";
import type { Before } from "../../pairing/volume.ts";

/** Entries that a node's other volumes may have taken up meanwhile, or that hurt nobody: they stay when a pair is undone. */
const staying = new Set(["nvme_host_identity"]);

/** What an edit is about to change of a node's spec, as it is before. */
export function aboutToChange(spec: Spec, changes: readonly Change[]): Record<string, Entry | null> {
  return Object.fromEntries(
    changes.flatMap((change): [string, Entry | null][] => {
      const { key, kind } = change;
      const now = spec.entries[key];
      if (staying.has(kind) || (now !== undefined && isSameJson(now, editedEntry(now, change)))) return [];
      return [[key, now ?? null]];
    }),
  );
}

/** With what was before already: the oldest counts. */
export function withBefore(before: Before, node: NodeId, more: Record<string, Entry | null>): Before {
  return { ...before, [node]: { ...more, ...before[node] } };
}

/** The way back to what a node had, in the order in which it is gone. */
export type Way = "restore" | "reduce" | "remove";

/**
 * A part of the way back. restore: what was there is there again, beside what is new. reduce: what is new of it goes. remove:
 * what was not there goes. Entries that are so already are left out.
 */
export function wayBack(way: Way, spec: Spec, before: Readonly<Record<string, Entry | null>>): Change[] {
  return Object.entries(before).flatMap(([key, was]): Change[] => {
    const now = spec.entries[key];
    if (was === null) {
      if (way !== "remove" || now === undefined || !isKindName(now.kind)) return [];
      const { kind, owner, resource } = now;
      return [{ kind, key, owner, resource: { ...resource, state: "absent" }, exact: true }];
    }
    const { kind, owner, resource } = was;
    if (!isKindName(kind) || way === "remove" || (now !== undefined && isSameJson(now, was))) return [];
    if (way === "restore") return [{ kind, key, owner, resource: { ...resource, state: was.state } }];
    const reduced = now === undefined ? was : withoutMore(was, now);
    return [{ kind, key, owner, resource: { ...reduced.resource, state: was.state }, exact: true }];
  });
}
