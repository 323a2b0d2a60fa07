import type { ErrorData } from "../../shared/errors.ts";
import { toErrorData } from "../../shared/errors.ts";
import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { StepView } from "../../shared/protocol/reply.ts";
import type { Spec } from "../../shared/protocol/spec.ts";
import type { Goal } from "../kinds/kind.ts";
import { observe } from "../observe/observe.ts";
import { resultOf, view, type Workshop } from "./converge.ts";
import { checkGuard } from "./guards.ts";
import { concerned, planAll, sectionsOf } from "./plan-all.ts";
import { wantedOf } from "./wanted.ts";

export interface Preview {
  steps: StepView[];
  /** Of the subject, as far as it can be known before. */
  result: Json;
  error?: ErrorData;
}

/**
 * What a convergence would do first, without doing it. `goals` are those of all tasks of the check so far, so that a task
 * that needs what an earlier one would make is not refused for it; only the steps of `keys` are given back.
 */
export async function preview(
  shop: Workshop,
  {
    goals,
    keys,
    spec,
    subject,
    overrides,
  }: {
    goals: readonly Goal[];
    keys: ReadonlySet<string>;
    spec: Spec;
    subject: string | undefined;
    overrides: ReadonlySet<string>;
  },
): Promise<Preview> {
  const kinds = concerned(shop.kinds, new Set<KindName>(goals.map(({ kind }) => kind)));
  const wanted = wantedOf(goals, spec);
  const seen = await observe(shop.system, sectionsOf(kinds, wanted));
  const plan = planAll(kinds, wanted, seen, shop.memory());
  const steps = plan.steps.filter(({ resource }) => keys.has(resource));
  const views = steps.map(view);
  const result = resultOf(shop, goals, subject, seen);
  const against = [...plan.refusals, ...plan.waits].find(({ resource }) => keys.has(resource));
  if (against !== undefined) return { steps: views, result, error: against.error };
  for (const step of steps) {
    for (const guard of step.guards ?? []) {
      // Whether a target will answer, and who is still connected, depends on what this very check would do there.
      if (["answers", "no sessions", "no controllers"].includes(guard.guard)) continue;
      try {
        await checkGuard(guard, shop.system, shop.clock, overrides);
      } catch (error) {
        return { steps: views, result, error: toErrorData(error) };
      }
    }
  }
  return { steps: views, result };
}
