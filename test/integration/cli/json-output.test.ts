import { afterAll, expect, test } from "vitest";
import { startFleet, walkthrough } from "../../support/fleet.ts";

const fleet = await startFleet();
afterAll(() => fleet[Symbol.asyncDispose]());

test.each([
  ["plan", ["plan", walkthrough], 0],
  ["run", ["run", walkthrough], 0],
  ["run of what nobody can reach", ["run", walkthrough, "-i", "target,ghost,", "-e", "x=1"], 1],
  ["run with a mistake in its file", ["run", "package.json"], 3],
  ["run without its file", ["run", "/nowhere.yaml"], 5],
  ["exec", ["exec", "all", "command", "sh -c 'echo a; echo b >&2'"], 2],
  ["exec of a kind", ["exec", "all", "kernel_module", "name=nvme"], 0],
  ["nodes", ["nodes"], 0],
  ["facts", ["facts"], 0],
  ["facts of nobody", ["facts", "nobody"], 1],
  ["health", ["health"], 0],
  ["runs", ["runs"], 0],
])("%s -o json writes lines of JSON on stdout, and nothing else", async (_, argv, code) => {
  const answer = await fleet.cli(...argv, "-o", "json");
  expect(answer.code, `${answer.out}${answer.err}`).toBe(code);
  const lines = answer.lines();
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toBeTypeOf("object");
  for (const { is, message, code: error } of lines) {
    if (is === "error") expect([message, error]).toEqual([expect.any(String), expect.stringMatching(/^[a-z_]+$/)]);
  }
});

test("the events of a run tell it from its start to its end, each with its run and time", async () => {
  const lines = (await fleet.cli("run", walkthrough, "-o", "json")).lines();
  expect(lines[0]).toMatchObject({ is: "started", title: walkthrough });
  expect(lines.at(-1)).toMatchObject({ is: "finished", outcome: "ok", recap: { target: { ok: 4, failed: 0 } } });
  for (const line of lines) expect(line).toMatchObject({ v: 1, run: lines[0]?.run, at: expect.any(Number) });
});
