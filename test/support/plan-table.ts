import { expect, test } from "vitest";
import type { Memory } from "../../agent/kinds/kind.ts";
import type { Observed } from "../../agent/observe/observed.ts";
import { renderPlan } from "./render-plan.ts";
import { memoryOf, planFor, type Tasks } from "./wanted.ts";

/** `<what is seen> and <what is wanted> gives <lines of the plan>`. */
export interface PlanRow {
  seen: Observed;
  want: Tasks;
  gives: readonly string[];
  owned?: readonly string[];
  memory?: Partial<Omit<Memory, "owned">>;
  /** In the spec, without being a goal. */
  others?: Tasks;
}

/** One test for each row, by its sentence. */
export function testPlans(rows: Readonly<Record<string, PlanRow>>): void {
  test.each(Object.entries(rows))("%s", (_, { seen, want, gives, owned = [], memory = {}, others = [] }) => {
    expect(renderPlan(planFor(want, seen, memoryOf({ ...memory, owned }), others))).toEqual(gives);
  });
}
