import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { newestRun } from "../../support/running-command.ts";
import { installCommand, openTerminal, whyNot } from "../../support/terminal.ts";

let fleet: TestFleet;
let environment: NodeJS.ProcessEnv;
let program = "";
let slow = "";
beforeAll(async () => {
  fleet = await startFleet({ nodes: { n1: {}, n2: {}, n3: {} } });
  const folder = await installCommand(fleet.directory);
  program = join(folder, "flashfleet");
  environment = { PATH: `${folder}:${process.env.PATH}`, HOME: fleet.directory, FLASHFLEET_DATA: fleet.data };
  slow = await fleet.file(
    "slow.yml",
    "- hosts: all\n  gather_facts: false\n  tasks:\n    - { name: long, pause: { seconds: 600 } }\n    - { name: after, debug: { msg: x } }\n",
  );
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

const outcomeOf = async (run: string) =>
  (await fleet.cli("runs", "-o", "json")).lines().find((each) => each.run === run)?.outcome;

const reason = whyNot("script", "bsdutils");
if (reason !== undefined) process.stderr.write(`SKIPPED: commands at a terminal: ${reason}\n`);

describe.skipIf(reason !== undefined)("at a terminal", () => {
  test("a long task has a line that says how far it is, and that goes when it is done", async () => {
    const playbook = await fleet.file(
      "quick.yml",
      "- hosts: all\n  gather_facts: false\n  tasks:\n    - { name: waits, pause: { seconds: 3 } }\n    - { name: next, debug: { msg: x } }\n",
    );
    const terminal = openTerminal(`flashfleet run ${playbook}`, environment);
    expect(await terminal.shows("0:02 [waits] 0/1 hosts done, running: n1")).toContain("TASK [waits]");
    await terminal.shows("\r\u001b[2Kok: [n1]".replace("ok", "\u001b[32mok"));
    expect(await terminal.ended).toBe(0);
    // As wide as Ansible's at 80 columns, in its colours.
    expect(terminal.all()).toContain(`PLAY RECAP ${"*".repeat(69)}`);
    // Nothing of the line is left behind it.
    expect(terminal.all().split("PLAY RECAP")[1]).not.toContain("hosts done");
  });

  test("Ctrl-C cancels the run, shows its end, and gives 99", async () => {
    const terminal = openTerminal(`flashfleet run ${slow}`, environment);
    await terminal.shows("TASK [long]");
    terminal.type("\u0003");
    await terminal.shows("PLAY RECAP");
    expect(await terminal.ended).toBe(99);
    expect(await outcomeOf(await newestRun(fleet.environment))).toBe("cancelled");
  });

  test("a run goes on when its terminal is gone, and attach shows it again", async () => {
    const terminal = openTerminal(`flashfleet run ${slow}`, environment);
    await terminal.shows("TASK [long]");
    const run = await newestRun(fleet.environment);
    terminal.hangUp();
    await terminal.ended;
    const again = openTerminal(`flashfleet attach ${run}`, environment);
    await again.shows("TASK [long]");
    expect(await outcomeOf(run)).toBe("running");
    // Ctrl-C at attach leaves it running.
    again.type("\u0003");
    expect(await again.ended).toBe(99);
    expect(await outcomeOf(run)).toBe("running");
    await fleet.cli("cancel", run);
    await expect.poll(() => outcomeOf(run)).toBe("cancelled");
  });

  test("--step asks there, and goes on waiting when the terminal is gone", async () => {
    const first = openTerminal(`flashfleet run ${slow} --step`, environment);
    await first.shows("Perform task: TASK: long (N)o/(y)es/(c)ontinue: ");
    const run = await newestRun(fleet.environment);
    first.hangUp();
    await first.ended;
    const second = openTerminal(`flashfleet attach ${run}`, environment);
    await second.shows("Perform task: TASK: long (N)o/(y)es/(c)ontinue: ");
    second.type("n\n");
    await second.shows("Perform task: TASK: after (N)o/(y)es/(c)ontinue: ");
    second.type("y\n");
    await second.shows("PLAY RECAP");
    expect(await second.ended).toBe(0);
  });

  test("Ctrl-C at a question cancels the run, Ctrl-D leaves it waiting", async () => {
    const one = openTerminal(`flashfleet run ${slow} --step`, environment);
    await one.shows("(c)ontinue: ");
    one.type("\u0003");
    expect(await one.ended).toBe(99);
    expect(await outcomeOf(await newestRun(fleet.environment))).toBe("cancelled");
    const two = openTerminal(`flashfleet run ${slow} --step`, environment);
    await two.shows("(c)ontinue: ");
    two.type("\u0004");
    await two.shows("the run still waits for an answer");
    expect(await two.ended).toBe(99);
    const run = await newestRun(fleet.environment);
    expect(await outcomeOf(run)).toBe("running");
    await fleet.cli("cancel", run);
    await expect.poll(() => outcomeOf(run)).toBe("cancelled");
  });
});

describe("in a pipe", () => {
  /** The command with its stdout in a pipe that this test reads, or does not. */
  const piped = (...argv: string[]) =>
    spawn(process.execPath, [program, ...argv], { env: environment, stdio: ["ignore", "pipe", "pipe"] });

  test("nothing is said to nobody: a reader that goes away ends the command quietly, and not the run", async () => {
    const child = piped("run", slow);
    const errors: string[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
    await once(child.stdout, "data");
    // The command ends with the first line that finds nobody: the next task's, or the cancelled run's.
    const ended = once(child, "exit");
    child.stdout.destroy();
    const run = await newestRun(fleet.environment);
    expect(await outcomeOf(run)).toBe("running");
    await fleet.cli("cancel", run);
    const [code] = await ended;
    expect([code, errors.join("")]).toEqual([0, ""]);
  });

  test("a closed stderr ends nothing", async () => {
    const child = piped(
      "run",
      await fleet.file("warns.yml", "- hosts: all:nowhere\n  gather_facts: false\n  tasks:\n    - debug:\n"),
    );
    child.stderr.destroy();
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    expect(out).toContain("PLAY RECAP");
  });

  test("all of a large output arrives before the command ends, however slow the reader is", async () => {
    const playbook = await fleet.file(
      "large.yml",
      `- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: { msg: "${"x".repeat(400_000)}" }\n      loop: [1, 2, 3, 4]\n`,
    );
    const { stdout } = await promisify(execFile)("sh", ["-c", `flashfleet run ${playbook} | (sleep 0.5; cat)`], {
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
    });
    expect(stdout.match(/x{400000}/g)).toHaveLength(12);
    expect(stdout).toMatch(/PLAY RECAP \*+\nn1 .*\nn2 .*\nn3 .*\n\n$/);
    // No line of its own where nobody looks on, and no colours.
    expect(stdout).not.toContain("\u001b");
  });
});
