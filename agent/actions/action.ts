import type { Clock, Deadline } from "../../shared/clock.ts";
import type { ActionName, ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import type { Answer, Job } from "../orders/orders.ts";
import type { System } from "../system/system.ts";
import type { Foreseen } from "./foreseen.ts";

/** What an action works with. */
export interface ActionContext {
  system: System;
  clock: Clock;
  deadline: Deadline;
  job: Pick<Job, "progress" | "effect">;
  /** Only say what would be done. */
  check: boolean;
  /** Addresses of hosts that keep another way to their disks while this node is down. */
  covered?: readonly string[] | undefined;
  /** In a check: what `system` is the shadow of. */
  checking?: Checking | undefined;
}

/** The node itself in a check, to be looked at and never changed. */
export interface Checking {
  node: System;
  /** The node's own. */
  clock: Clock;
  /** By the node's own time: that of the check passes only when something waits. */
  deadline: Deadline;
  foreseen: Foreseen;
}

export type Action<A extends ActionName> = (args: ArgumentsOf<A>, context: ActionContext) => Promise<Answer>;
