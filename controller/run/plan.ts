import type { Inventory } from "../inventory/inventory.ts";
import type { Play, Playbook, Task, VariableMap } from "../project/playbook.ts";

/** What a run is to do, as it was when it was uploaded. */
export interface RunPlan {
  playbooks: readonly Playbook[];
  inventory: Inventory;
  extraVars: VariableMap;
  limit: string | undefined;
  /** Text by path: `@file` of a pattern reads them. */
  files: Readonly<Record<string, string>>;
  adHoc: boolean;
  title: string;
  check: boolean;
  diff: boolean;
  /** How many hosts work at once. */
  forks: number;
}

/** The task that every play begins with, unless it says otherwise. */
export interface FactsTask {
  is: "facts";
}

export type Step = Task | FactsTask;

export function playsOf({ playbooks }: RunPlan): Play[] {
  return playbooks.flatMap(({ plays }) => plays);
}

/** A play's tasks in their order; facts first where they are wanted. */
export function stepsOf(play: Play, gathersFacts: boolean): Step[] {
  return [...(gathersFacts ? [{ is: "facts" } as const] : []), ...play.preTasks, ...play.tasks, ...play.postTasks];
}

export function moduleOf(step: Step): string {
  return step.is === "facts" ? "setup" : step.module.name;
}
