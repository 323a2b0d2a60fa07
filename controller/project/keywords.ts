/** A keyword that is known and not there yet: what to do instead. */
export type Later = Readonly<Record<string, string>>;

/**
 * Keywords that change nothing here, so that existing playbooks run unchanged: the agent runs as root on its node and
 * no ssh is spoken, so how to log in and to become root has no meaning.
 */
export const ignoredKeywords = new Set([
  "become",
  "become_method",
  "become_flags",
  "remote_user",
  "connection",
  "port",
  "gather_subset",
  "gather_timeout",
  "collections",
  "diff",
]);

/** Keywords whose only value that changes nothing is this one; any other is refused. */
export const fixedKeywords: Readonly<Record<string, readonly [value: string, reason: string]>> = {
  become_user: ["root", "the agent runs as root"],
  strategy: ["linear", "plays run linear: all hosts finish a task before the next one begins"],
  order: ["inventory", "hosts run in the inventory's order"],
};

const laterForBoth: Later = {
  environment: "give variables of the environment on the command's own line: env NAME=value program",
  module_defaults: "write the arguments out, or use a YAML anchor and <<",
  debugger: "use the debug module",
  ignore_unreachable: "limit the run to hosts that can be reached with --limit",
  throttle: "use serial on the play",
};

export const laterForPlays: Later = {
  ...laterForBoth,
  pair: "export and connect with plays of nvmet_subsystem and nvme_connection, as in the walkthrough, until pair plays are there",
  roles: "write the role's tasks below tasks",
  handlers: "write the handler as a task with when: result is changed",
  vars_files: "give the file with -e @file, or put it into group_vars",
  vars_prompt: "give the variable with -e",
  force_handlers: "there are no handlers yet",
  import_playbook: "name both playbooks on the command line",
};

export const laterForTasks: Later = {
  ...laterForBoth,
  block: "write its tasks out, each with its own when",
  rescue: "use ignore_errors and when: result is failed",
  always: "use ignore_errors on the tasks before",
  include_tasks: "write the tasks out",
  import_tasks: "write the tasks out",
  include_role: "write the role's tasks out",
  import_role: "write the role's tasks out",
  include_vars: "give the file with -e @file, or put it into group_vars",
  notify: "use register, and a task with when: result is changed",
  listen: "use register, and a task with when: result is changed",
  action: "write the module's name as the key",
  local_action: "use delegate_to",
  async: "use timeout",
  poll: "use timeout",
  any_errors_fatal: "set it on the play",
  delegate_facts: "facts belong to their own node",
};

export const playKeywords = [
  "name",
  "hosts",
  "gather_facts",
  "vars",
  "pre_tasks",
  "tasks",
  "post_tasks",
  "serial",
  "any_errors_fatal",
  "max_fail_percentage",
  "tags",
  "check_mode",
  "no_log",
] as const;

export const taskKeywords = [
  "name",
  "when",
  "register",
  "loop",
  "loop_control",
  "vars",
  "args",
  "ignore_errors",
  "failed_when",
  "changed_when",
  "until",
  "retries",
  "delay",
  "tags",
  "delegate_to",
  "run_once",
  "no_log",
  "check_mode",
  "timeout",
] as const;
