import type { ActionName } from "../../shared/modules/actions/actions.ts";
import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import type { CompiledValue } from "../template/compiled-value.ts";
import type { CompiledExpression, Template } from "../template/template.ts";
import type { Branch } from "./branch.ts";

/** A playbook as it runs: checked, with all templates compiled. */
export interface Playbook {
  file: string;
  plays: readonly Play[];
}

export type VariableMap = ReadonlyMap<string, CompiledValue>;

/** What a block, an import or a role hands down to the tasks in it. */
export interface Inheritable {
  /** All must hold. */
  when: readonly CompiledExpression[];
  vars: VariableMap;
  tags: readonly string[];
  /** Names or topics of handlers. */
  notify: readonly Template[];
  delegateTo: Template | undefined;
  runOnce: CompiledExpression | undefined;
  ignoreErrors: CompiledExpression | undefined;
  ignoreUnreachable: CompiledExpression | undefined;
  anyErrorsFatal: CompiledExpression | undefined;
  noLog: CompiledExpression | undefined;
  checkMode: CompiledExpression | undefined;
  /** Seconds; undefined: the module's own. */
  timeout: number | undefined;
  /** Hosts at once, at most. */
  throttle: number | undefined;
  role: Role | undefined;
}

/** A role as its tasks know it. */
export interface Role {
  name: string;
  /** Where its folders lie. */
  folder: string;
  /** Weaker than everything else. */
  defaults: VariableMap;
  vars: VariableMap;
}

/** What stands in a list of tasks. */
export type Item = Task | Include | Meta | Branch<Task | Include | Meta>;

export interface Play {
  /** `file:line:column`. */
  place: string;
  name: Template | undefined;
  vars: VariableMap;
  tags: readonly string[];
  /** A pattern, or a list of patterns where it is a template; {@link patternOf} reads it. */
  hosts: Template;
  gatherFacts: CompiledExpression;
  roles: readonly Role[];
  preTasks: readonly Item[];
  /** Of the roles, then its own. */
  tasks: readonly Item[];
  postTasks: readonly Item[];
  handlers: readonly Handler[];
  forceHandlers: CompiledExpression | undefined;
  strategy: "linear" | "free";
  order: HostOrder;
  /** A number, a percentage or a list of them; undefined: all hosts at once. `batchSizes` reads it. */
  serial: CompiledValue | undefined;
  anyErrorsFatal: CompiledExpression | undefined;
  /** Per cent of the hosts; more than that must fail to stop the play. */
  maxFailPercentage: number | undefined;
  checkMode: CompiledExpression | undefined;
  noLog: CompiledExpression | undefined;
}

export const hostOrders = ["inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"] as const;
export type HostOrder = (typeof hostOrders)[number];

export interface Task extends Inheritable {
  is: "task";
  /** `file:line:column`. */
  place: string;
  name: Template | undefined;
  module: ModuleCall;
  loop: CompiledValue | undefined;
  loopControl: LoopControl;
  register: string | undefined;
  /** All must hold for a failure; undefined: the module says. */
  failedWhen: readonly CompiledExpression[] | undefined;
  changedWhen: readonly CompiledExpression[] | undefined;
  /** All must hold for the tries to end; undefined: one try. */
  until: readonly CompiledExpression[] | undefined;
  /** Tries behind the first. */
  retries: CompiledValue;
  /** Seconds between tries. */
  delay: CompiledValue;
}

/** A task that runs where something that changed has notified it. */
export interface Handler extends Task {
  /** Topics that notify it, beside its name. */
  listen: readonly string[];
}

/** Tasks of another file or a role, read when a host gets there. */
export interface Include extends Inheritable {
  is: "include";
  place: string;
  name: Template | undefined;
  /** As it is written: include_tasks, include_role. */
  word: string;
  target: Template;
  loop: CompiledValue | undefined;
  loopControl: LoopControl;
  /** What the target holds, with these variables nearer than others. Throws the mistakes in it. */
  read(target: string, vars: VariableMap): readonly Item[];
}

export const metaWords = ["flush_handlers", "end_play", "end_batch", "end_host", "noop"] as const;

/** What changes the way of a host through the play, rather than the host. */
export interface Meta extends Pick<Inheritable, "when" | "vars" | "tags" | "role"> {
  is: "meta";
  place: string;
  word: (typeof metaWords)[number];
}

export interface LoopControl {
  /** The variable that holds the item. */
  variable: string;
  /** The variable that counts from 0. */
  index: string | undefined;
  /** What the output shows instead of the item. */
  label: CompiledValue | undefined;
}

/** The one module of a task with its arguments; `checkArguments` parses them once they are evaluated. */
export type ModuleCall = { arguments: CompiledValue } & (
  | { is: "kind"; name: KindName }
  | { is: "action"; name: ActionName }
);
