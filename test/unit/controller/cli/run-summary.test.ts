import { describe, expect, it } from "vitest";
import { createPaint } from "../../../../controller/cli/paint.ts";
import { RunSummary } from "../../../../controller/cli/run-summary.ts";
import type { RunEvent, TaskResult } from "../../../../controller/run/entry.ts";
import { RunId } from "../../../../shared/protocol/ids.ts";

const envelope = { v: 1 as const, run: RunId.parse("r"), at: 0 };

function task(number: number, name: string, at = 0): RunEvent {
  return { ...envelope, at, is: "task", play: 0, batch: 0, task: number, place: "0", name, module: "debug", hosts: [] };
}

function failed(host: string, message = "no"): TaskResult {
  return { host, outcome: "failed", result: {}, error: { code: "task_failed", message } };
}

function results(number: number, ...all: TaskResult[]): RunEvent {
  return { ...envelope, is: "results", task: number, results: all };
}

describe("what is left of a failure that many hosts share", () => {
  it("is three copies, and one line with their number at the end", () => {
    const summary = new RunSummary();
    summary.take(task(0, "A"));
    const hosts = Array.from({ length: 1000 }, (_, index) => failed(`h${index}`));
    const event = results(0, ...hosts, failed("other", "yes"));
    summary.take(event);
    const shown = event.is === "results" ? summary.fold(event.results) : [];
    expect(shown.map(({ host }) => host)).toEqual(["h0", "h1", "h2", "other"]);
    expect(summary.failures(createPaint(false))).toBe("1000 hosts failed at [A]: no\n  h0, h1, h2 and 997 more\n");
  });

  it("begins anew with the next task", () => {
    const summary = new RunSummary();
    const all = ["a", "b", "c"].map((host) => failed(host));
    summary.take(task(0, "A"));
    expect(summary.fold(all)).toHaveLength(3);
    summary.take(task(1, "B"));
    expect(summary.fold(all)).toHaveLength(3);
  });

  it("is not made of what was ignored, nor of items", () => {
    const summary = new RunSummary();
    summary.take(task(0, "A"));
    const all = Array.from({ length: 5 }, (_, index) => ({ ...failed(`h${index}`), ignored: true }));
    summary.take(results(0, ...all, ...all.map(({ host }) => ({ ...failed(host), item: "x" }))));
    expect(summary.failures(createPaint(false))).toBe("");
  });
});

it("the slowest tasks come first, each until the next one began", () => {
  const summary = new RunSummary();
  summary.take(task(0, "short", 1000));
  summary.take(task(1, "long", 1500));
  summary.take({ ...envelope, at: 4000, is: "finished", outcome: "ok", recap: {} });
  expect(summary.profile()).toBe("slowest tasks:\n     2.50 s  long\n     0.50 s  short\n");
});
