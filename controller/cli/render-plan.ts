import type { StepView } from "../../shared/protocol/reply.ts";
import type { RunEvent } from "../run/entry.ts";
import type { Paint } from "./paint.ts";
import { PlanCollector, type PlannedTask, type PlanTree, totalsOf } from "./plan-tree.ts";

/** Takes the events of a check and gives it as a plan that people read at its end, "" before. */
export function createPlanPrinter(paint: Paint): (event: RunEvent) => string {
  const collector = new PlanCollector();
  return (event) => {
    collector.take(event);
    return event.is === "finished" ? renderPlan(collector.tree(), paint) : "";
  };
}

/** By host and task the steps in their order, with what each may cost, and their sum. */
export function renderPlan(tree: PlanTree, paint: Paint): string {
  return `${tree.map(({ host, tasks }) => hostLines(host, tasks, paint)).join("")}${summary(tree, paint)}\n`;
}

function hostLines(host: string, tasks: readonly PlannedTask[], paint: Paint): string {
  const lines = tasks.flatMap(({ name, steps, error }) => [
    `  ${name}`,
    ...stepLines(steps, paint),
    ...(error === undefined ? [] : [paint.failed(`    fails: ${error}`)]),
  ]);
  return [host, ...lines, ""].join("\n");
}

/** Steps of several nodes stand below the names of these. */
function stepLines(steps: readonly StepView[], paint: Paint): string[] {
  let at: string | undefined;
  return steps.flatMap((step) => {
    const line = `${step.says}${costOf(step)}`;
    if (step.node === undefined) return [paint.changed(`    ${line}`)];
    const head = step.node === at ? [] : [`    ${step.node}`];
    at = step.node;
    return [...head, paint.changed(`      ${line}`)];
  });
}

const costOf = ({ cost }: StepView) => (cost === "none" ? "" : ` (may cost ${cost})`);
const many = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

function summary(tree: PlanTree, paint: Paint): string {
  const { steps, hosts, failing, costs } = totalsOf(tree);
  if (steps === 0 && failing === 0) return paint.ok("Plan: nothing to do");
  const dear = costs.map(({ cost, steps: count }) => `${count} may cost ${cost}`);
  const text = `Plan: ${[`${many(steps, "step")} on ${many(hosts, "host")}`, ...dear].join(", ")}`;
  return failing === 0 ? text : paint.failed(`${text}; it would fail on ${failing}`);
}
