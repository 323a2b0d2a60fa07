import { expect, test } from "vitest";
import { intercept } from "../../../agent/system/intercept.ts";
import type { ModelSystem } from "../../../agent/system/model/model-system.ts";
import type { Output } from "../../../agent/system/system.ts";
import { left, systemClock } from "../../../shared/clock.ts";
import { type NodeOptions, startFleet } from "../../support/fleet.ts";
import { begin, newestRun } from "../../support/running-command.ts";

/** A program `talk` that says one thing at once, and the other when the test lets it. */
function talker() {
  let go = () => {};
  const told = new Promise<void>((resolve) => {
    go = resolve;
  });
  async function* talk(): AsyncIterable<Output> {
    yield { is: "stdout", text: "at once\n" };
    yield { is: "stderr", text: "and beside\n" };
    await told;
    yield { is: "stdout", text: "at last\n" };
    yield { is: "exit", code: 0, signal: null };
  }
  const through = (system: ModelSystem) =>
    intercept(system, {
      exec: (command, deadline) => (command.argv[0] === "talk" ? talk() : system.exec(command, deadline)),
    });
  return { go, through };
}

test("what a command prints is shown while it runs, with its host, to whoever looks on, and is in its result at the end", async () => {
  const { go, through } = talker();
  const node: NodeOptions = { through };
  await using fleet = await startFleet({ nodes: { n1: node, n2: node, n3: {} } });
  const playbook = await fleet.file(
    "talk.yml",
    "- hosts: n1:n2\n  gather_facts: false\n  tasks:\n    - { name: talks, command: talk, register: said }\n    - debug: { msg: '{{ said.stdout_lines }}' }\n",
  );
  const run = begin(fleet.environment, ["run", "-v", playbook]);
  const quiet = begin(fleet.environment, ["exec", "n3", "ping"]);
  await Promise.all(["  n1 | at once\n", "  n2 | at once\n", "  n1 | and beside\n"].map((line) => run.says(line)));
  const attached = begin(fleet.environment, ["attach", await newestRun(fleet.environment), "-o", "json"]);
  await attached.says('"text":"at once\\n","stream":"stdout"');
  expect((await quiet.answer).code).toBe(0);
  go();
  const { code, out, err } = await run.answer;
  expect(code, err).toBe(0);
  expect(err).toContain("  n2 | at last\n");
  // Answers alone are on stdout.
  expect(out).not.toContain(" | at ");
  expect(out.match(/"at once",\n +"at last"/g)).toHaveLength(2);
  expect((await attached.answer).code).toBe(0);
});

test("a task's timeout is the time that its program has", async () => {
  const had: number[] = [];
  const through = (system: ModelSystem) =>
    intercept(system, {
      exec: (command, deadline) => {
        had.push(left(systemClock, deadline));
        return system.exec(command, deadline);
      },
    });
  await using fleet = await startFleet({ nodes: { n1: { through } } });
  const playbook = await fleet.file(
    "timeout.yml",
    "- hosts: n1\n  gather_facts: false\n  tasks:\n    - { command: anything, timeout: 30, ignore_errors: true }\n",
  );
  expect((await fleet.cli("run", playbook)).code).toBe(0);
  expect(had).toHaveLength(1);
  // The node may say afterwards that it was too late: that time is not the program's.
  expect(had.every((millis) => millis > 0 && millis <= 30_000)).toBe(true);
});
