import type { ErrorData } from "../../shared/errors.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import type { EnrolledNode } from "../api/messages.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Play, Playbook, VariableMap } from "../project/playbook.ts";
import type { Keyring } from "../project/vault/keyring.ts";
import type { Planned } from "./planned/planned.ts";
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
  /** Opens what a vault encrypted: files of variables are read as tasks name them. */
  keyring: Keyring | undefined;
  /** What a vault kept; includes that are read later add to it. */
  secrets: ReadonlySet<string>;
  /** What people should look at before they trust the run. */
  warnings: readonly ErrorData[];
  adHoc: boolean;
  title: string;
  /** Somebody is asked before each task. */
  step: boolean;
  check: boolean;
  /** How often -v was given. */
  verbosity: number;
  /** Seconds of a task that says nothing itself; undefined: the module's own. */
  taskTimeout: number | undefined;
  /** Nodes that are given up. */
  abandoned: ReadonlySet<NodeId>;
  /** A check that says at its end what it rests on. */
  savesPlan: boolean;
  /** The saved plan that it carries out. */
  planned: Planned | undefined;
  /** The nodes that the inventory was made of, where none was named. */
  enrolled: readonly EnrolledNode[];
  /** As `-i` named them. */
  inventories: readonly string[];
  diff: boolean;
  /** How many hosts work at once. */
  forks: number;
}

export function playsOf({ playbooks }: RunPlan): Play[] {
  return playbooks.flatMap(({ plays }) => plays);
}
