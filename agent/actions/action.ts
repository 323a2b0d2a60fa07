import type { Clock, Deadline } from "../../shared/clock.ts";
import type { ActionName, ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import type { Answer, Job } from "../orders/orders.ts";
import type { System } from "../system/system.ts";

/** What an action works with. */
export interface ActionContext {
  system: System;
  clock: Clock;
  deadline: Deadline;
  job: Pick<Job, "progress" | "effect">;
  /** Only say what would be done. */
  check: boolean;
}

export type Action<A extends ActionName> = (args: ArgumentsOf<A>, context: ActionContext) => Promise<Answer>;
