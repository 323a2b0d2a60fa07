import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Context } from "../../../controller/cli/context.ts";
import { flashfleet, recapOf } from "../../support/cli.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { begin, newestRun } from "../../support/running-command.ts";

let fleet: TestFleet;
let playbook = "";
beforeAll(async () => {
  fleet = await startFleet({ nodes: { n1: {}, n2: {} } });
  await fleet.file("more.yml", "- name: from a file\n  debug: { msg: file }\n");
  playbook = await fleet.file(
    "step.yml",
    `- hosts: all
  gather_facts: false
  tasks:
    - { name: one, command: "true", notify: told }
    - { name: two, debug: { msg: two } }
    - include_tasks: more.yml
    - { name: once, debug: { msg: once }, run_once: true }
  handlers:
    - { name: told, debug: { msg: told } }
`,
  );
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

type AnswerTo = NonNullable<Context["answer"]>;

/** A person who gives these answers in turn. */
function person(...answers: string[]): { answer: AnswerTo; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    answer: async (question) => {
      asked.push(question);
      return answers.shift();
    },
  };
}

/** A person who thinks for ever; `asked` resolves with the first question. */
function thinker(): { answer: AnswerTo; asked: Promise<string> } {
  let ask: (question: string) => void = () => undefined;
  const asked = new Promise<string>((resolve) => {
    ask = resolve;
  });
  const answer: AnswerTo = (question, { signal }) =>
    new Promise((_, reject) => {
      ask(question);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  return { answer, asked };
}

const question = (name: string, sort = "TASK") => `Perform task: ${sort}: ${name} (N)o/(y)es/(c)ontinue: `;

describe("run --step", () => {
  test("asks before each task, and does those that somebody wants", async () => {
    const { answer, asked } = person("y", "", "yes", "Y", "no", "n");
    const done = await flashfleet(fleet.environment, ["run", playbook, "--step"], { answer });
    expect(asked).toEqual([
      question("one"),
      question("two"),
      question("include_tasks"),
      question("from a file"),
      question("once"),
      question("told", "HANDLER"),
    ]);
    expect(done.out.match(/^(TASK|RUNNING HANDLER) \[.*?\]/gm)).toEqual([
      "TASK [one]",
      "TASK [include_tasks]",
      "TASK [from a file]",
    ]);
    // As Ansible prints it once it is answered.
    expect(done.out).toMatch(/\nPerform task: TASK: one \(N\)o\/\(y\)es\/\(c\)ontinue: +\**\n/);
    expect(recapOf(done.out)).toMatchObject({ n1: { ok: 3, changed: 1 }, n2: { ok: 3, changed: 1 } });
    expect(done.code).toBe(0);
  });

  test("asks no more after 'continue'", async () => {
    const { answer, asked } = person("n", "c");
    const done = await flashfleet(fleet.environment, ["run", playbook, "--step"], { answer });
    expect(asked).toEqual([question("one"), question("two")]);
    expect(done.out.match(/^TASK \[.*?\]/gm)).toEqual([
      "TASK [two]",
      "TASK [include_tasks]",
      "TASK [from a file]",
      "TASK [once]",
    ]);
  });

  test("asks a task once of hosts that go on as they can", async () => {
    const free = await fleet.file(
      "free.yml",
      "- hosts: all\n  strategy: free\n  gather_facts: false\n  tasks:\n    - { name: a, debug: }\n    - { name: b, debug: }\n",
    );
    const { answer, asked } = person("y", "n");
    const done = await flashfleet(fleet.environment, ["run", free, "--step"], { answer });
    expect(asked).toEqual([question("a"), question("b")]);
    expect(recapOf(done.out)).toMatchObject({ n1: { ok: 1 }, n2: { ok: 1 } });
  });

  test("is refused without a terminal", async () => {
    const refused = await fleet.cli("run", playbook, "--step");
    expect(refused.code).toBe(5);
    expect(refused.err).toContain("stdin is no terminal");
  });

  test("waits when the terminal is gone; another one is asked, and the controller may be another one by then", async () => {
    const first = begin(fleet.environment, ["run", playbook, "--step"], { answer: person("y").answer });
    expect((await first.answer).code).toBe(99);
    expect((await first.answer).err).toContain("the run still waits for an answer");
    const run = await newestRun(fleet.environment);
    expect((await fleet.cli("runs", "-o", "json")).lines()[0]).toMatchObject({
      outcome: "running",
      asks: question("two"),
    });
    // Its nodes stay its own.
    expect((await fleet.cli("run", playbook)).err).toContain(`run ${run}`);

    await fleet.stopController();
    await fleet.startController();
    const { answer, asked } = person("n", "n", "y", "y");
    const attached = await flashfleet(fleet.environment, ["attach", run], { answer });
    // What was answered is not asked again, and what was done is shown.
    expect(asked).toEqual([question("two"), question("include_tasks"), question("once"), question("told", "HANDLER")]);
    expect(attached.out.match(/^(TASK|RUNNING HANDLER) \[.*?\]/gm)).toEqual([
      "TASK [one]",
      "TASK [once]",
      "RUNNING HANDLER [told]",
    ]);
    expect(attached.code).toBe(0);
    await expect.poll(async () => (await fleet.cli("nodes", "-o", "json")).lines().length, { timeout: 30_000 }).toBe(2);
  });

  test("takes the first answer of several terminals, and the others hear of it", async () => {
    const slow = thinker();
    const first = begin(fleet.environment, ["run", playbook, "--step"], { answer: slow.answer });
    expect(await slow.asked).toBe(question("one"));
    const quick = await flashfleet(fleet.environment, ["attach", await newestRun(fleet.environment)], {
      answer: person("c").answer,
    });
    expect(quick.code).toBe(0);
    expect((await first.answer).code).toBe(0);
    expect((await first.answer).out).toContain("TASK [two]");
  });

  test("ends at Ctrl-C, and at cancel", async () => {
    const one = thinker();
    const first = begin(fleet.environment, ["run", playbook, "--step"], { answer: one.answer });
    await one.asked;
    first.interrupt();
    expect((await first.answer).code).toBe(99);
    const two = thinker();
    const second = begin(fleet.environment, ["run", playbook, "--step"], { answer: two.answer });
    await two.asked;
    await fleet.cli("cancel", await newestRun(fleet.environment));
    expect((await second.answer).code).toBe(99);
    expect((await fleet.cli("runs", "-o", "json")).lines()[0]).toMatchObject({ outcome: "cancelled" });
  });

  test("says how to answer where nobody is at a terminal", async () => {
    const one = thinker();
    const first = begin(fleet.environment, ["run", playbook, "--step"], { answer: one.answer });
    await one.asked;
    const run = await newestRun(fleet.environment);
    const looking = begin(fleet.environment, ["attach", run]);
    await looking.says(`flashfleet attach ${run} asks at a terminal`);
    await fleet.cli("cancel", run);
    await first.answer;
    await looking.answer;
  });
});
