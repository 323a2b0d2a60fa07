import type { RunId } from "../../shared/protocol/ids.ts";
import type { RunPlan } from "./plan.ts";

const numbers = new WeakMap<RunPlan, Map<string, number>>();

/** What tells the call of a task on a host from every other one. */
export function callId(
  plan: RunPlan,
  run: RunId,
  { play, batch, task, host }: { play: number; batch: number; task: number; host: string },
): string {
  return `${run}_${play}-${batch}-${task}_${numberOf(plan, host)}`;
}

/** A host's name may hold what a call's id may not: its place in the inventory stands for it. */
function numberOf(plan: RunPlan, host: string): number {
  const known = numbers.get(plan) ?? new Map([...plan.inventory.hosts.keys()].map((name, index) => [name, index]));
  numbers.set(plan, known);
  return known.get(host) ?? -1;
}
