import { expect, test } from "vitest";
import { startFleet } from "../../support/fleet.ts";

test("a host that is at a task while another one ends the play does all of its always", async () => {
  await using fleet = await startFleet({ nodes: {} });
  const playbook = await fleet.file(
    "free.yaml",
    `- hosts: all
  gather_facts: false
  strategy: free
  any_errors_fatal: true
  tasks:
    - block:
        - name: takes a while on one
          debug: { msg: a }
          until: inventory_hostname == 'quick'
          retries: 1
          delay: 1
          ignore_errors: true
        - name: fails on the other
          fail: {}
          when: inventory_hostname == 'quick'
      always:
        - name: first
          debug: { msg: b }
        - name: second
          debug: { msg: c }
`,
  );
  const { out, code } = await fleet.cli("run", "-i", "quick,slow,", playbook, "-o", "json");
  const results = out
    .trim()
    .split("\n")
    .map((line): { is: string; task?: number; name?: string; results?: { host: string }[] } => JSON.parse(line));
  const names = new Map(results.flatMap(({ is, task, name }) => (is === "task" ? [[task, name]] : [])));
  const done = results.flatMap(({ is, task, results: all = [] }) =>
    is === "results" ? all.map(({ host }) => `${host} ${names.get(task)}`) : [],
  );
  expect(done.filter((each) => each.startsWith("slow"))).toEqual([
    "slow takes a while on one",
    "slow first",
    "slow second",
  ]);
  expect(code).toBe(2);
});
