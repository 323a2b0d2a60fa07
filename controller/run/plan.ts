import type { ErrorData } from "../../shared/errors.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Play, Playbook, VariableMap } from "../project/playbook.ts";
import type { TagSelection } from "./tags.ts";

/** What a run is to do, as it was when it was uploaded. */
export interface RunPlan {
  playbooks: readonly Playbook[];
  inventory: Inventory;
  extraVars: VariableMap;
  limit: string | undefined;
  selection: TagSelection;
  /** The name of the task that it begins with. */
  startAt: string | undefined;
  /** Handlers run even on hosts that failed. */
  forceHandlers: boolean;
  /** Text by path: `@file` of a pattern reads them. */
  files: Readonly<Record<string, string>>;
  /** What a vault kept; includes that are read later add to it. */
  secrets: ReadonlySet<string>;
  /** What people should look at before they trust the run. */
  warnings: readonly ErrorData[];
  adHoc: boolean;
  title: string;
  check: boolean;
  diff: boolean;
  /** How many hosts work at once. */
  forks: number;
}

export function playsOf({ playbooks }: RunPlan): Play[] {
  return playbooks.flatMap(({ plays }) => plays);
}
