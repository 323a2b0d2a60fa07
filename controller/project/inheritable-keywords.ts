/** Keywords that a block, an import or a role hands down. */
export const inheritableKeywords = [
  "when",
  "vars",
  "tags",
  "notify",
  "delegate_to",
  "run_once",
  "ignore_errors",
  "ignore_unreachable",
  "any_errors_fatal",
  "no_log",
  "check_mode",
  "timeout",
  "throttle",
] as const;
