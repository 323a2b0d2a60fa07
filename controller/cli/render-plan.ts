import { costs } from "../../shared/protocol/cost.ts";
import type { StepView } from "../../shared/protocol/reply.ts";
import type { RunEvent, TaskResult } from "../run/entry.ts";
import type { Paint } from "./paint.ts";

interface PlannedTask {
  name: string;
  steps: readonly StepView[];
  error: string | undefined;
}

/**
 * A check as a plan that people read: by host and task the steps in their order, with what each may cost. Takes the events of a run
 * and gives the text at its end, "" before.
 */
export function createPlanPrinter(paint: Paint): (event: RunEvent) => string {
  const names = new Map<number, string>();
  const hosts = new Map<string, PlannedTask[]>();
  const take = (name: string, { host, item, loop, steps = [], outcome, ignored, error }: TaskResult) => {
    // A loop's items have been taken, each by itself.
    if (loop) return;
    const failed = (outcome === "failed" && !ignored) || outcome === "unreachable" ? error?.message : undefined;
    if (steps.length === 0 && failed === undefined) return;
    const title = item === undefined ? name : `${name} (${item})`;
    hosts.set(host, [...(hosts.get(host) ?? []), { name: title, steps, error: failed }]);
  };
  return (event) => {
    if (event.is === "play") names.clear();
    if (event.is === "task") names.set(event.task, event.name);
    if (event.is === "results") for (const each of event.results) take(names.get(event.task) ?? "", each);
    if (event.is !== "finished") return "";
    const sorted = [...hosts].sort(([one], [other]) => (one < other ? -1 : 1));
    return `${sorted.map(([host, tasks]) => hostLines(host, tasks, paint)).join("")}${summary(sorted, paint)}\n`;
  };
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

function summary(hosts: readonly [string, readonly PlannedTask[]][], paint: Paint): string {
  const tasks = hosts.flatMap(([, each]) => each);
  const steps = tasks.flatMap((task) => task.steps);
  const failing = hosts.filter(([, each]) => each.some(({ error }) => error !== undefined)).length;
  if (steps.length === 0 && failing === 0) return paint.ok("Plan: nothing to do");
  const busy = hosts.filter(([, each]) => each.some((task) => task.steps.length > 0)).length;
  const dear = costs.slice(1).flatMap((cost) => {
    const count = steps.filter((step) => step.cost === cost).length;
    return count === 0 ? [] : [`${count} may cost ${cost}`];
  });
  const many = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const parts = [`${many(steps.length, "step")} on ${many(busy, "host")}`, ...dear];
  const text = `Plan: ${parts.join(", ")}`;
  return failing === 0 ? text : paint.failed(`${text}; it would fail on ${failing}`);
}
