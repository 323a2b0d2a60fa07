import { deadlineIn } from "../../shared/clock.ts";
import type { RunId } from "../../shared/protocol/ids.ts";
import { Assumptions } from "./assumptions.ts";
import { nodesOf } from "./claim.ts";
import { Identities } from "./pair/identities.ts";
import type { Bench } from "./perform.ts";
import type { RunPlan } from "./plan.ts";
import { PlanRecord } from "./planned/plan-record.ts";

/** Milliseconds in which nodes say hello to a controller that was started anew. */
const returnMillis = 30_000;

/** What all runs of a controller work with. */
export type Hands = Pick<
  Bench,
  "fleet" | "specs" | "volumes" | "deriveKey" | "clock" | "secretKey" | "keptSecrets" | "keptResults"
>;

/** What the orders of one run need. `lives`: how many a controller that was started anew has had. */
export function benchOf(
  hands: Hands,
  run: RunId,
  plan: RunPlan,
  signal: AbortSignal,
  lives: number | undefined,
): Bench {
  const { fleet, specs, volumes, deriveKey, clock, secretKey, keptSecrets, keptResults } = hands;
  const { abandoned, check, diff, files, savesPlan, taskTimeout, verbosity, keyring } = plan;
  return {
    run,
    fleet,
    specs,
    volumes: check ? volumes.draft() : volumes,
    deriveKey,
    abandoned,
    identities: new Identities(),
    clock,
    secretKey,
    keptSecrets,
    keptResults,
    check,
    diff,
    files,
    taskTimeout,
    verbosity,
    keyring,
    drafts: new Map(),
    assumptions: new Assumptions(),
    signal,
    ...(savesPlan
      ? { record: new PlanRecord({ fleet, clock, signal }, nodesOf(plan, volumes.all), volumes.all.values()) }
      : {}),
    ...(lives === undefined ? {} : { again: { lives, until: deadlineIn(clock, returnMillis) } }),
  };
}
