import type { Plan } from "../../agent/kinds/kind.ts";

/** A plan as people read it: `phase | says | cost` for each step, then waits, then refusals with their code. */
export function renderPlan({ steps, waits, refusals }: Pick<Plan, "steps" | "waits" | "refusals">): string[] {
  return [
    ...steps.map(({ phase, says, cost, guards = [] }) =>
      [phase, says, cost, ...guards.map(({ guard }) => `if ${guard}`)].join(" | "),
    ),
    ...waits.map(({ says }) => `wait for ${says}`),
    ...refusals.map(({ error }) => `refused ${error.code}: ${error.message}`),
  ];
}
