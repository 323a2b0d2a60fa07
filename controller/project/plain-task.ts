import { compileValue } from "../template/compiled-value.ts";
import { plainLoop } from "./loop.ts";

/** Of a task that is written shorter than as a task, as a volume of a pair play or `exec` is: it says only what it does. */
export const plainTask = {
  is: "task",
  loop: undefined,
  loopControl: plainLoop,
  register: undefined,
  failedWhen: undefined,
  changedWhen: undefined,
  until: undefined,
  retries: compileValue(0),
  delay: compileValue(0),
} as const;
