import { afterAll, describe, expect, test } from "vitest";
import { flashfleet } from "../../support/cli.ts";
import { startFleet, testEnvironment, walkthrough } from "../../support/fleet.ts";

const fleet = await startFleet();
afterAll(() => fleet[Symbol.asyncDispose]());

const play = (tasks: string, hosts = "all") => `- hosts: ${hosts}\n  gather_facts: false\n  tasks:\n${tasks}`;

describe("the exit code", () => {
  test.each([
    ["0 where all went well", play("    - debug: { msg: hello }\n"), [], 0],
    ["2 where a task failed", play("    - command: 'false'\n"), [], 2],
    ["0 where the failure is ignored", play("    - command: 'false'\n      ignore_errors: true\n"), [], 0],
    ["0 where a condition skips everything", play("    - debug: {}\n      when: false\n"), [], 0],
    ["3 where the YAML is none", "- hosts: [all\n", [], 3],
    ["3 where a module is unknown", play("    - nvmet_subsytem: { nqn: x }\n"), [], 3],
    ["3 where a template cannot be read", play("    - debug: { msg: '{{ 1 + }}' }\n"), [], 3],
    ["2 where a template cannot be evaluated on a host", play("    - debug: { msg: '{{ nothing.at.all }}' }\n"), [], 2],
    ["1 where no host matches", play("    - debug: {}\n", "nobody"), [], 1],
    ["1 where the limit leaves none", play("    - debug: {}\n"), ["-l", "nobody"], 1],
    ["4 where a host is unreachable", play("    - command: uname\n"), ["-i", "target,ghost,"], 4],
    ["2 where one host fails and another is unreachable", play("    - command: 'false'\n"), ["-i", "target,ghost,"], 2],
    ["5 where the number of forks is none", play("    - debug: {}\n"), ["--forks", "many"], 5],
    ["5 where the number of forks is zero", play("    - debug: {}\n"), ["-f", "0"], 5],
    ["5 where there is no such option", play("    - debug: {}\n"), ["--fork"], 5],
    ["5 where there is no such output format", play("    - debug: {}\n"), ["-o", "xml"], 5],
    ["5 where -e is neither name=value nor a mapping", play("    - debug: {}\n"), ["-e", "justaword"], 5],
    ["5 where the inventory is not there", play("    - debug: {}\n"), ["-i", "/nowhere/hosts.yaml"], 5],
  ])("is %s", async (_, playbook, options, code) => {
    const path = await fleet.file("play.yaml", playbook);
    const answer = await fleet.cli("run", path, ...options);
    expect(answer.code, `${answer.out}${answer.err}`).toBe(code);
  });

  test.each([
    ["5 without a command that exists", ["rnu", "x.yaml"], 5],
    ["5 without a playbook", ["run"], 5],
    ["5 where the playbook is not there", ["run", "/nowhere/play.yaml"], 5],
    ["0 for help", ["--help"], 0],
    ["0 for help of a command", ["run", "--help"], 0],
    ["0 for the version", ["--version"], 0],
    ["5 where the ad hoc module is unknown", ["exec", "all", "comand", "uname"], 5],
    ["1 where the ad hoc pattern matches nobody", ["exec", "nobody", "command", "uname"], 1],
    ["2 where the ad hoc command fails", ["exec", "target", "command", "false"], 2],
    ["1 where health is asked of nobody", ["health", "nobody"], 1],
    ["1 where facts are asked of nobody", ["facts", "nobody"], 1],
  ])("is %s", async (_, argv, code) => {
    const answer = await fleet.cli(...argv);
    expect(answer.code, `${answer.out}${answer.err}`).toBe(code);
  });

  test("is 1, with a remedy, where no controller runs", async () => {
    const environment = testEnvironment(fleet.directory, `${fleet.directory}/nobody`);
    for (const argv of [
      ["run", walkthrough],
      ["nodes"],
      ["health"],
      ["facts"],
      ["runs"],
      ["exec", "all", "command", "uname"],
    ]) {
      const answer = await flashfleet(environment, argv);
      expect(answer).toMatchObject({ code: 1, out: "" });
      expect(answer.err).toContain("cannot reach the controller");
      expect(answer.err).toContain("hint: start it with flashfleet controller");
    }
  });
});
