import * as z from "zod";
import { type Cost, costs } from "../../shared/protocol/cost.ts";
import { StepView } from "../../shared/protocol/reply.ts";
import type { RunEvent, TaskResult } from "../run/entry.ts";

/** What a check found for one task on one host. */
const PlannedTask = z.object({
  name: z.string(),
  steps: z.array(StepView),
  /** Why it would fail. */
  error: z.string().optional(),
});
export type PlannedTask = z.infer<typeof PlannedTask>;

/** The steps of a check by host and task, hosts by name, tasks in their order. */
export const PlanTree = z.array(z.object({ host: z.string(), tasks: z.array(PlannedTask) }));
export type PlanTree = z.infer<typeof PlanTree>;

export interface PlanTotals {
  steps: number;
  /** Hosts with a step. */
  hosts: number;
  /** Hosts on which it would fail. */
  failing: number;
  /** How many steps may cost that: of what is not nothing. */
  costs: { cost: Cost; steps: number }[];
}

/** Makes a tree of a check's events. */
export class PlanCollector {
  readonly #names = new Map<number, string>();
  readonly #hosts = new Map<string, PlannedTask[]>();

  take(event: RunEvent): void {
    if (event.is === "play") this.#names.clear();
    if (event.is === "task") this.#names.set(event.task, event.name);
    if (event.is === "results") for (const each of event.results) this.#add(this.#names.get(event.task) ?? "", each);
  }

  tree(): PlanTree {
    const sorted = [...this.#hosts].sort(([one], [other]) => (one < other ? -1 : 1));
    return sorted.map(([host, tasks]) => ({ host, tasks }));
  }

  #add(name: string, { host, item, loop, steps = [], outcome, ignored, error }: TaskResult): void {
    // A loop's items have been taken, each by itself.
    if (loop) return;
    const failed = (outcome === "failed" && !ignored) || outcome === "unreachable" ? error?.message : undefined;
    if (steps.length === 0 && failed === undefined) return;
    const tasks = this.#hosts.get(host) ?? [];
    this.#hosts.set(host, tasks);
    const title = item === undefined ? name : `${name} (${item})`;
    tasks.push({ name: title, steps, ...(failed === undefined ? {} : { error: failed }) });
  }
}

export function totalsOf(tree: PlanTree): PlanTotals {
  const steps = tree.flatMap(({ tasks }) => tasks.flatMap((task) => task.steps));
  return {
    steps: steps.length,
    hosts: tree.filter(({ tasks }) => tasks.some((task) => task.steps.length > 0)).length,
    failing: tree.filter(({ tasks }) => tasks.some(({ error }) => error !== undefined)).length,
    costs: costs.slice(1).flatMap((cost) => {
      const count = steps.filter((step) => step.cost === cost).length;
      return count === 0 ? [] : [{ cost, steps: count }];
    }),
  };
}
