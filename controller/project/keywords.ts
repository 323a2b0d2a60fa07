import { inheritableKeywords } from "./inheritable-keywords.ts";

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
};

const laterForBoth: Later = {
  environment: "give variables of the environment on the command's own line: env NAME=value program",
  module_defaults: "write the arguments out, or use a YAML anchor and <<",
  debugger: "use the debug module",
};

export const laterForPlays: Later = {
  ...laterForBoth,
  pair: "export and connect with plays of nvmet_subsystem and nvme_connection, as in the walkthrough, until pair plays are there",
  vars_prompt: "give the variable with -e",
};

export const laterForTasks: Later = {
  ...laterForBoth,
  include_vars: "give the file with -e @file, or put it into group_vars",
  action: "write the module's name as the key",
  local_action: "use delegate_to",
  async: "use timeout",
  poll: "use timeout",
  delegate_facts: "facts belong to their own node",
};

export const playKeywords = [
  "name",
  "hosts",
  "gather_facts",
  "vars",
  "vars_files",
  "roles",
  "pre_tasks",
  "tasks",
  "post_tasks",
  "handlers",
  "force_handlers",
  "strategy",
  "order",
  "serial",
  "any_errors_fatal",
  "ignore_unreachable",
  "max_fail_percentage",
  "tags",
  "check_mode",
  "no_log",
] as const;

export const taskKeywords = [
  "name",
  ...inheritableKeywords,
  "register",
  "loop",
  "loop_control",
  "args",
  "failed_when",
  "changed_when",
  "until",
  "retries",
  "delay",
] as const;
