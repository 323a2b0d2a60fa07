import type { HostRecap, TaskResult } from "./entry.ts";

export function emptyRecap(): HostRecap {
  return { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
}

/** Counts one task's result as Ansible does: `changed` and `ignored` count as ok too. Items of a loop do not count. */
export function count(recap: HostRecap, { outcome, ignored, item }: TaskResult): void {
  if (item !== undefined) return;
  if (outcome === "failed" && ignored) {
    recap.ok++;
    recap.ignored++;
    return;
  }
  if (outcome === "changed") recap.ok++;
  recap[outcome]++;
}
