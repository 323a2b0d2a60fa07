import { describe, expect, test } from "vitest";
import { createPaint } from "../../../../controller/cli/paint.ts";
import { createPlanPrinter } from "../../../../controller/cli/render-plan.ts";
import type { RunEvent, TaskResult } from "../../../../controller/run/entry.ts";
import type { Cost } from "../../../../shared/protocol/cost.ts";
import { RunId } from "../../../../shared/protocol/ids.ts";

const envelope = { v: 1 as const, run: RunId.parse("r1"), at: 0 };
const step = (says: string, cost: Cost = "none") => ({ resource: "r", phase: "link", says, cost });
const task = (number: number, name: string): RunEvent => ({
  ...envelope,
  is: "task",
  play: 0,
  batch: 0,
  task: number,
  name,
  module: "nvmet_port",
  hosts: [],
  place: "play.yaml:1:1",
});
const results = (number: number, ...all: TaskResult[]): RunEvent => ({
  ...envelope,
  is: "results",
  task: number,
  results: all,
});
const finished: RunEvent = { ...envelope, is: "finished", outcome: "ok", recap: {} };

function plan(...events: RunEvent[]): string {
  const print = createPlanPrinter(createPaint(false));
  return [...events, finished].map(print).join("");
}

describe("a plan", () => {
  test("shows by host and task the steps in their order, what each may cost, and their sum", () => {
    const shown = plan(
      task(0, "Create port 1"),
      results(
        0,
        { host: "b", outcome: "changed", result: {}, steps: [step("create port 1"), step("set addr_trtype to tcp")] },
        { host: "a", outcome: "changed", result: {}, steps: [step("create port 1")] },
      ),
      task(1, "Move it"),
      results(1, { host: "b", outcome: "changed", result: {}, steps: [step("unlink nqn.s", "path loss")] }),
    );
    expect(shown).toBe(`a
  Create port 1
    create port 1
b
  Create port 1
    create port 1
    set addr_trtype to tcp
  Move it
    unlink nqn.s (may cost path loss)
Plan: 4 steps on 2 hosts, 1 may cost path loss
`);
  });

  test("shows where it would fail, and why; what is ignored is no failure", () => {
    const error = { code: "kernel_refused" as const, message: "cannot link nqn.s: EADDRINUSE" };
    const shown = plan(
      task(0, "Export"),
      results(
        0,
        { host: "a", outcome: "failed", result: {}, steps: [step("create subsystem nqn.s")], error },
        { host: "b", outcome: "failed", ignored: true, result: {}, error },
      ),
    );
    expect(shown).toContain("  Export\n    create subsystem nqn.s\n    fails: cannot link nqn.s: EADDRINUSE\n");
    expect(shown).toContain("Plan: 1 step on 1 host; it would fail on 1");
  });

  test("names the items of a loop, each once", () => {
    const shown = plan(
      task(0, "Hosts"),
      results(
        0,
        { host: "a", outcome: "changed", item: "nqn.h", result: {}, steps: [step("create host nqn.h")] },
        { host: "a", outcome: "changed", loop: true, result: {}, steps: [step("create host nqn.h")] },
      ),
    );
    expect(shown.match(/create host/g)).toHaveLength(1);
    expect(shown).toContain("Hosts (nqn.h)");
  });

  test("of nothing says so", () => {
    expect(plan(task(0, "Look"), results(0, { host: "a", outcome: "ok", result: {} }))).toBe("Plan: nothing to do\n");
  });
});
