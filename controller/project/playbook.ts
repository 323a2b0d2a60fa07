import type { ActionName } from "../../shared/modules/actions/actions.ts";
import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import type { CompiledValue } from "../template/compiled-value.ts";
import type { CompiledExpression, Template } from "../template/template.ts";

/** A playbook as it runs: checked, with all templates compiled. */
export interface Playbook {
  file: string;
  plays: readonly Play[];
}

export type VariableMap = ReadonlyMap<string, CompiledValue>;

/** Keywords that a play and a task share. */
interface Item {
  name: Template | undefined;
  vars: VariableMap;
  tags: readonly string[];
  /** `file:line:column`. */
  place: string;
}

export interface Play extends Item {
  /** A pattern, or a list of patterns where it is a template; {@link patternOf} reads it. */
  hosts: Template;
  gatherFacts: CompiledExpression;
  preTasks: readonly Task[];
  tasks: readonly Task[];
  postTasks: readonly Task[];
  /** A number, a percentage or a list of them; undefined: all hosts at once. `batchSizes` reads it. */
  serial: CompiledValue | undefined;
  anyErrorsFatal: CompiledExpression | undefined;
  /** Per cent of the hosts; more than that must fail to stop the play. */
  maxFailPercentage: number | undefined;
  checkMode: CompiledExpression | undefined;
  noLog: CompiledExpression | undefined;
}

/** `is` leaves room for blocks. */
export interface Task extends Item {
  is: "task";
  module: ModuleCall;
  /** All must hold. */
  when: readonly CompiledExpression[];
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
  delegateTo: Template | undefined;
  runOnce: CompiledExpression | undefined;
  ignoreErrors: CompiledExpression | undefined;
  noLog: CompiledExpression | undefined;
  checkMode: CompiledExpression | undefined;
  /** Seconds; undefined: the module's own. */
  timeout: number | undefined;
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
