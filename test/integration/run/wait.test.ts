import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFleet, type TestFleet } from "../../support/fleet.ts";
import { begin, newestRun, type RunningCommand } from "../../support/running-command.ts";

let fleet: TestFleet;
let long = "";
let short = "";
beforeAll(async () => {
  fleet = await startFleet({ nodes: { n1: {}, n2: {}, n3: {} } });
  long = await fleet.file("long.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - pause: { seconds: 600 }\n");
  short = await fleet.file("short.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug:\n");
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

const command = (...argv: string[]) => begin(fleet.environment, argv);

/** A run that works on nodes until it is cancelled. */
async function hold(limit: string): Promise<RunningCommand & { run: string }> {
  const holder = command("run", long, "-l", limit);
  await holder.says("TASK [pause]");
  return { ...holder, run: await newestRun(fleet.environment) };
}

describe("a run whose nodes another one has", () => {
  test("is refused, and told who has which and what can be done", async () => {
    const holder = await hold("n1,n2");
    const refused = await fleet.cli("run", short);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(
      new RegExp(
        `cannot run .*short.yml: run ${holder.run} \\(.*long.yml\\) of tester@desk works on n1, n2 since \\d{4}-\\d\\d-\\d\\dT`,
      ),
    );
    expect(refused.err).toContain(`flashfleet attach ${holder.run} shows it, flashfleet cancel ${holder.run} ends it`);
    expect((await fleet.cli("run", short, "-l", "n3")).code).toBe(0);
    expect((await fleet.cli("run", short, "--check")).code).toBe(0);
    await fleet.cli("cancel", holder.run);
    expect((await holder.answer).code).toBe(99);
    expect((await fleet.cli("run", short)).code).toBe(0);
  });

  test("begins when they are free, in the order of arrival; nobody overtakes", async () => {
    const holder = await hold("n1");
    const order: string[] = [];
    const first = command("run", short, "-l", "n1,n2", "--wait");
    void first.answer.then(() => order.push("first"));
    await first.says(`waiting: run ${holder.run} (${long}) of tester@desk works on n1 since`);
    const second = command("run", short, "-l", "n2", "--wait");
    void second.answer.then(() => order.push("second"));
    await second.says("short.yml of tester@desk waits for n2 since");
    // One that does not wait does not slip in between.
    const third = await fleet.cli("run", short, "-l", "n2");
    expect(third).toMatchObject({ code: 1, out: "" });
    expect(third.err).toContain("short.yml of tester@desk waits for n2 since");
    expect((await fleet.cli("run", short, "-l", "n3")).code).toBe(0);
    await fleet.cli("cancel", holder.run);
    expect((await first.answer).code).toBe(0);
    expect((await second.answer).code).toBe(0);
    expect(order).toEqual(["first", "second"]);
  });

  test("leaves the line at Ctrl-C, and who stands behind moves up", async () => {
    const holder = await hold("n1");
    const first = command("run", short, "-l", "n1,n2", "--wait");
    await first.says("waiting: ");
    const second = command("exec", "n2", "ping", "--wait");
    await second.says("waits for n2");
    const before = (await fleet.cli("runs", "-o", "json")).lines().length;
    first.interrupt();
    expect(await first.answer).toMatchObject({ code: 99, out: "" });
    expect((await second.answer).code).toBe(0);
    expect((await fleet.cli("runs", "-o", "json")).lines().length).toBe(before + 1);
    await fleet.cli("cancel", holder.run);
    await holder.answer;
  });

  test("is refused when its time is over", async () => {
    const holder = await hold("n1");
    const waiting = command("run", short, "--wait", "0.2");
    await waiting.says("waiting: ");
    const { code, err } = await waiting.answer;
    expect(code).toBe(1);
    expect(err).toContain(`ERROR! cannot run ${short}: run ${holder.run}`);
    await fleet.cli("cancel", holder.run);
    await holder.answer;
    expect((await fleet.cli("run", short, "--wait", "soon")).code).toBe(5);
  });

  test("is told when the controller stops", async () => {
    const holder = await hold("n1");
    const waiting = command("run", short, "--wait");
    await waiting.says("waiting: ");
    await fleet.stopController();
    const { code, err } = await waiting.answer;
    expect(code).toBe(1);
    expect(err).toContain("the controller stops");
    expect((await holder.answer).code).toBe(1);
    await fleet.startController();
    await expect.poll(async () => (await fleet.cli("nodes", "-o", "json")).lines().length, { timeout: 30_000 }).toBe(3);
    // The run has its nodes in the controller's next life, too.
    expect((await fleet.cli("run", short)).err).toContain(`run ${holder.run} (${long}) of tester@desk works on n1`);
    await fleet.cli("cancel", holder.run);
    await expect.poll(async () => (await fleet.cli("run", short)).code, { timeout: 30_000 }).toBe(0);
  });
});
