import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recapOf } from "../../support/cli.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { newestRun } from "../../support/running-command.ts";

let fleet: TestFleet;
let playbook = "";
beforeAll(async () => {
  fleet = await startFleet({
    nodes: { n1: { label: "rack=a" }, n2: { label: "rack=b" }, n3: { label: "rack=b" }, n4: {} },
  });
  playbook = await fleet.file(
    "site.yml",
    `- hosts: all
  gather_facts: false
  tasks:
    - command: "false"
      when: inventory_hostname in broken | default([])
    - debug:
`,
  );
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** A run in which these hosts fail; gives its id. */
async function failOn(...hosts: string[]): Promise<string> {
  const { code, err } = await fleet.cli("run", playbook, "-e", JSON.stringify({ broken: hosts }));
  expect(code, err).toBe(hosts.length === 0 ? 0 : 2);
  return newestRun(fleet.environment);
}

const hostsOf = (out: string) => Object.keys(recapOf(out));

describe("--limit @failed", () => {
  test("names what failed in the last run of the playbook", async () => {
    const run = await failOn("n1", "n3");
    // Neither a check nor a run of something else is that.
    await fleet.cli("run", playbook, "--check");
    await fleet.cli("exec", "n2", "ping");
    const answer = await fleet.cli("run", playbook, "-l", "@failed");
    expect(answer.code, answer.err).toBe(0);
    expect(hostsOf(answer.out)).toEqual(["n1", "n3"]);
    expect(answer.err).toMatch(
      new RegExp(`^@failed: 2 hosts \\(n1, n3\\) failed in run ${run} \\(.*site.yml\\), started .*Z by tester@desk\\n`),
    );
  });

  test("is an error where nothing failed, and says in which run", async () => {
    await failOn();
    const run = await newestRun(fleet.environment);
    for (const limit of ["@failed", "@failed:&rack_b", "@failed:!n1"]) {
      const answer = await fleet.cli("run", playbook, "-l", limit);
      expect(answer).toMatchObject({ code: 1, out: "" });
      expect(answer.err).toContain(`cannot limit to ${limit}: nothing failed in run ${run}`);
    }
  });

  test.each([
    ["@failed:&rack_b", ["n3"]],
    ["@failed,n2", ["n1", "n2", "n3"]],
    ["rack_b:@failed:!n2", ["n1", "n3"]],
  ])("%s combines with other patterns", async (limit, hosts) => {
    await failOn("n1", "n3");
    const answer = await fleet.cli("run", playbook, "-l", limit);
    expect(hostsOf(answer.out), answer.err).toEqual(hosts);
  });

  test("@failed:RUN names a run, also together with others", async () => {
    const first = await failOn("n2", "n3");
    await failOn("n4");
    const one = await fleet.cli("run", playbook, "-l", `@failed:${first}`);
    expect(hostsOf(one.out)).toEqual(["n2", "n3"]);
    await failOn("n4");
    const both = await fleet.cli("run", playbook, "-l", `@failed:${first}:@failed`);
    expect(hostsOf(both.out), both.err).toEqual(["n2", "n3", "n4"]);
  });

  test("counts hosts that could not be reached, and works for --list-hosts, exec and plan", async () => {
    await fleet.cli("exec", "all", "command", "false", "-i", "n1,n2,ghost,");
    const ghosts = await fleet.cli(
      "exec",
      "all",
      "-m",
      "command",
      "-l",
      "@failed,n2",
      "-i",
      "n1,n2,ghost,",
      "--list-hosts",
    );
    expect(ghosts.out).toBe("  hosts (3):\n    n1\n    n2\n    ghost\n");
  });

  test("says where there is no such run, and reads the file that is named", async () => {
    const other = await fleet.file("other.yml", "- hosts: all\n  tasks:\n    - debug:\n");
    const none = await fleet.cli("run", other, "-l", "@failed");
    expect(none.code).toBe(1);
    expect(none.err).toMatch(/cannot use @failed: no run of .*other.yml has ended yet/);
    const unknown = await fleet.cli("run", other, "-l", "@failed:20200101-000000-00000000");
    expect(unknown.err).toContain("there is no run 20200101-000000-00000000");
    const file = await fleet.file("failed", "n4\n");
    expect(hostsOf((await fleet.cli("run", other, "-l", `@${file}`)).out)).toEqual(["n4"]);
  });
});
