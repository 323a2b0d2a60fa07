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
  "become_exe",
  "remote_user",
  "connection",
  "port",
  "gather_subset",
  "gather_timeout",
  "fact_path",
  "collections",
]);

/** Keywords whose only value that changes nothing is this one; any other is refused. */
export const fixedKeywords: Readonly<Record<string, readonly [value: string, reason: string]>> = {
  become_user: ["root", "the agent runs as root"],
};

const laterForBoth: Later = {
  debugger: "use the debug module: nobody sits at the controller",
};

export const laterForPlays: Later = {
  ...laterForBoth,
};

export const laterForTasks: Later = laterForBoth;

export const playKeywords = [
  "name",
  "hosts",
  "pair",
  "gather_facts",
  "vars",
  "vars_files",
  "vars_prompt",
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
  "ignore_errors",
  "ignore_unreachable",
  "max_fail_percentage",
  "run_once",
  "throttle",
  "timeout",
  "environment",
  "module_defaults",
  "tags",
  "check_mode",
  "diff",
  "no_log",
] as const;

export const taskKeywords = [
  "name",
  ...inheritableKeywords,
  "register",
  "loop",
  "loop_control",
  "args",
  "async",
  "poll",
  "failed_when",
  "changed_when",
  "until",
  "retries",
  "delay",
] as const;
