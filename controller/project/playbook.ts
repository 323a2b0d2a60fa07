import type { ActionName } from "../../shared/modules/actions/actions.ts";
import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import type { CompiledValue } from "../template/compiled-value.ts";
import type { Scope } from "../template/scope.ts";
import type { CompiledExpression, Template } from "../template/template.ts";
import type { Json } from "../template/value.ts";
import type { Branch } from "./branch.ts";
import type { ModuleDefaults } from "./module-defaults.ts";

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
  /** Of roles and includes: nearer than registered results, as in Ansible. */
  params: VariableMap;
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
  diff: CompiledExpression | undefined;
  /** Of programs on the node: mappings or lists of them, the later ones win. */
  environment: readonly CompiledValue[];
  moduleDefaults: ModuleDefaults;
  /** Facts go to the host that the task is delegated to. */
  delegateFacts: CompiledExpression | undefined;
  /** Seconds; undefined or 0: the module's own. */
  timeout: CompiledValue | undefined;
  /** Hosts at once, at most; undefined or 0: no limit. */
  throttle: CompiledValue | undefined;
  role: Role | undefined;
}

/** A role as its tasks know it. */
export interface Role {
  name: string;
  /** Where its folders lie. */
  folder: string;
  /** With those of roles that it needs; weaker than everything else. */
  defaults: VariableMap;
  vars: VariableMap;
  /** Names of roles that run before it. */
  needs: readonly string[];
}

/** What stands in a list of tasks. */
export type Item = Task | Include | Meta | Branch<Task | Include | Meta>;

export interface Play {
  /** `file:line:column`. */
  place: string;
  name: Template | undefined;
  vars: VariableMap;
  /** Variables of files that hosts name by variables of their own: over `vars`. Throws the mistakes in them. */
  varsOfHost: ((scope: Scope) => VariableMap) | undefined;
  prompts: readonly Prompt[];
  tags: readonly string[];
  /** A pattern, or a list of patterns where it is a template; {@link patternOf} reads it. */
  hosts: Template;
  gatherFacts: CompiledExpression;
  /** A pair play: its hosts are the initiators, its tasks volumes. */
  isPair: boolean;
  /** Those of `roles:` by their names. */
  roleNames: readonly string[];
  /** Whose variables all tasks see, the later ones over the earlier ones: more while `include_role` adds its own. */
  roles: readonly Role[];
  preTasks: readonly Item[];
  /** Of the roles, then its own. */
  tasks: readonly Item[];
  postTasks: readonly Item[];
  /** More while `include_role` adds those of its role. */
  handlers: readonly Handler[];
  forceHandlers: CompiledExpression | undefined;
  strategy: "linear" | "free";
  order: HostOrder;
  /** A number, a percentage or a list of them; undefined: all hosts at once. `batchSizes` reads it. */
  serial: CompiledValue | undefined;
  anyErrorsFatal: CompiledExpression | undefined;
  /** Per cent of the hosts; more than that must fail to stop the play. */
  maxFailPercentage: number | undefined;
  noLog: CompiledExpression | undefined;
}

/** A variable of a play that whoever starts the run is asked for. */
export interface Prompt {
  name: string;
  text: string;
  default: Json | undefined;
  /** What is typed is not shown, and hidden in all that the run says. */
  isPrivate: boolean;
  /** Asked twice. */
  isConfirmed: boolean;
  /** What is typed is no template. */
  isUnsafe: boolean;
  place: string;
}

export const hostOrders = ["inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"] as const;
export type HostOrder = (typeof hostOrders)[number];

export interface Task extends Inheritable {
  is: "task";
  /** `file:line:column`. */
  place: string;
  name: Template | undefined;
  module: ModuleCall;
  loop: Loop | undefined;
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
  loop: Loop | undefined;
  loopControl: LoopControl;
  /** What the target holds, with these variables nearer than others. Throws the mistakes in it. */
  read(target: string, vars: VariableMap): readonly Item[];
}

export const metaWords = [
  "flush_handlers",
  "end_play",
  "end_batch",
  "end_host",
  "clear_facts",
  "clear_host_errors",
  "reset_connection",
  "noop",
] as const;

/** What changes the way of a host through the play, rather than the host. */
export interface Meta extends Pick<Inheritable, "when" | "vars" | "params" | "tags" | "role"> {
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
  /** Seconds between two items. */
  pause: CompiledValue | undefined;
  /** Whether there is `ansible_loop`, and within it all items. */
  extended: CompiledExpression | undefined;
  allItems: CompiledExpression | undefined;
}

/** What a task is done for, one after the other. Throws `bad_template`. */
export interface Loop {
  evaluate(scope: Scope): Json;
}

/** The one module of a task with its arguments; `checkArguments` parses them once they are evaluated. */
export type ModuleCall = { arguments: CompiledValue } & (
  | { is: "kind"; name: KindName }
  | { is: "action"; name: ActionName }
  /** A volume of a pair play, for one of its initiators. */
  | {
      is: "volume";
      name: "volume" /** A pattern or a list of them: a run holds their nodes. */;
      targets: CompiledValue | undefined;
    }
);
