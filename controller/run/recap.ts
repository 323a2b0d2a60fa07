import { isJsonRecord } from "../../shared/protocol/json.ts";
import type { HostRecap, TaskResult } from "./entry.ts";

export function emptyRecap(): HostRecap {
  return { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
}

/**
 * Counts one task's result as Ansible does: what is changed or ignored counts as ok too, an unreachable host that is ignored as
 * skipped. Items of a loop do not count.
 */
export function count(recap: HostRecap, { outcome, ignored, rescued, item, result }: TaskResult): void {
  if (item !== undefined) return;
  if (outcome === "failed" && ignored) {
    recap.ok++;
    recap.ignored++;
    if (isJsonRecord(result) && result.changed === true) recap.changed++;
    return;
  }
  if (outcome === "failed" && rescued) {
    recap.rescued++;
    return;
  }
  if (outcome === "unreachable" && ignored) recap.skipped++;
  if (outcome === "changed") recap.ok++;
  recap[outcome]++;
}
