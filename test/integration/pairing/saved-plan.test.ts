import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../support/cli.ts";
import { type PairFleet, startPairFleet } from "../../support/pair-fleet.ts";

let fleet: PairFleet;
beforeAll(async () => {
  fleet = await startPairFleet();
});
afterAll(() => fleet[Symbol.asyncDispose]());

let files = 0;

/** A pair play for db01, on any drive of flash01. */
const play = (volume: string, more = "") =>
  `- name: Remote flash\n  vars: { flashfleet_pool: all }\n  pair:\n    targets: flash01\n    initiators: db01\n${more}    volumes: [${volume}]\n`;

async function done(...argv: string[]): Promise<Answer> {
  const answer = await fleet.cli(...argv);
  expect(answer.code, answer.out + answer.err).toBe(0);
  return answer;
}

async function run(text: string, ...options: string[]): Promise<Answer> {
  return done("run", await fleet.file(`p${files++}.yml`, text), ...options);
}

/** Saves a plan, and gives its file and what the plan said. */
async function saved(text: string, ...options: string[]): Promise<{ file: string; plan: Answer }> {
  const file = join(fleet.directory, `${files++}.plan`);
  const playbook = await fleet.file(`p${files++}.yml`, text);
  const plan = await done("plan", playbook, "--save", file, "-o", "json", ...options);
  return { file, plan };
}

interface Told {
  results?: { host: string; steps?: { node?: string; says: string; cost: string }[] }[];
}

/** Host, node, step and cost of all results. */
function stepsOf(answer: Answer): string[] {
  return answer
    .lines()
    .flatMap(({ results = [] }: Told) =>
      results.flatMap(({ host, steps = [] }) =>
        steps.map(({ node, says, cost }) => `${host} ${node} ${says} (${cost})`),
      ),
    );
}

const uuidsIn = (steps: readonly string[]) => steps.join("\n").match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [];

const clean = async (name: string) => {
  await run(play(`{ name: ${name}, state: absent }`));
  for (const disk of ["nvme0n1", "nvme1n1"]) await fleet.cli("drive", "wipe", "flash01", `/dev/${disk}`, "--yes");
};

/** All that was given out for volumes. */
const records = async () =>
  (await fleet.cli("volumes", "--explain", "-o", "json")).lines().filter(({ is }) => is === "volume");

/** Applies a plan that must be refused, and gives what was said; nothing may have been touched. */
async function refused(file: string): Promise<string> {
  const before = await fleet.world();
  const volumes = await records();
  const { code, out, err } = await fleet.cli("apply", file);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("cannot apply the plan: it was made for another state of the fleet");
  expect(await fleet.world()).toEqual(before);
  expect(await records()).toEqual(volumes);
  return err;
}

describe("a saved plan", () => {
  test("is applied step by step as it was shown, with the uuids that it drew, and as it was limited", async () => {
    const before = await fleet.world();
    const text = play("{ name: data, size: 1GB }", "    paths: 2\n").replace("db01", "databases");
    const { file, plan } = await saved(text, "--limit", "db01");
    expect(await fleet.world()).toEqual(before);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(plan.out).not.toContain("bootId");
    const applied = await done("apply", file, "-o", "json");
    expect(stepsOf(applied)).toEqual(stepsOf(plan));
    expect(uuidsIn(stepsOf(plan)).length).toBeGreaterThan(5);
    expect(stepsOf(applied).some((step) => step.startsWith("db02"))).toBe(false);
    expect((await done("health")).out).toContain("healthy");

    const again = await refused(file);
    expect(again).toMatch(/\n {2}db01: generation \d+ → \d+; .*is connected to nqn/);
    expect(again).toMatch(/\n {2}flash01: generation 0 → \d+; exports nqn/);
    expect(again).toContain("volume db01/data: it was not there when the plan was made, and is now");
    await clean("data");
  });

  test("changes a volume as it was shown, and ends it", async () => {
    await run(play("{ name: data, size: 1GB }"));
    const more = await saved(play("{ name: data, size: 1GB }", "    paths: 2\n"));
    expect(stepsOf(await done("apply", more.file, "-o", "json"))).toEqual(stepsOf(more.plan));
    const move = await saved(play("{ name: data, size: 1GB }", "    addresses: 10.30.0.0/16\n"));
    expect(stepsOf(await done("apply", move.file, "-o", "json"))).toEqual(stepsOf(move.plan));
    const end = await saved(play("{ name: data, state: absent }"));
    expect(stepsOf(end.plan).join("\n")).toContain("(data risk)");
    expect(stepsOf(await done("apply", end.file, "-o", "json"))).toEqual(stepsOf(end.plan));
    await clean("data");
  });

  test("that was cut off is brought to its end by a resumed run, with the names that it gave out", async () => {
    const { file, plan } = await saved(play("{ name: data, size: 1GB }"));
    const view = fleet.arm("db01", [{ at: { op: "connect" }, trouble: { is: "kill", when: "before" } }]);
    const [cut] = await Promise.all([
      fleet.cli("apply", file, "-o", "json"),
      view.ended.then(() => fleet.node("db01").bus.close()),
    ]);
    expect(cut.code).toBe(4);
    await fleet.revive("db01");
    fleet.arm("db01");
    const [{ run: id }] = cut.lines() as [{ run: string }];
    await done("run", "--resume", id);
    const [uuid] = uuidsIn(
      stepsOf(plan)
        .filter((step) => step.includes("device_uuid"))
        .map((step) => step.split("device_uuid")[1] ?? ""),
    );
    expect((await done("volumes", "--explain")).out).toContain(String(uuid));
    await clean("data");
  });

  test("is shown again without a controller, to people and as JSON", async () => {
    const { file, plan } = await saved(play("{ name: data, size: 1GB }"));
    const shown = await fleet.cli("apply", file, "--show", "--data", join(fleet.directory, "none"));
    expect([shown.code, shown.err]).toEqual([0, ""]);
    expect(shown.out).toMatch(
      /planned by tester@desk at .*\ndb01\n {2}volume data\n {4}flash01\n {6}create subsystem /,
    );
    expect(shown.out).toMatch(/\nPlan: \d+ steps on 1 host\n$/);
    const [json] = (await done("apply", file, "--show", "-o", "json")).lines();
    expect(json).toMatchObject({ is: "plan", ok: true, totals: { steps: stepsOf(plan).length, failing: 0 } });
  });
});

describe("a saved plan is refused, and nothing touched,", () => {
  test("where another run has edited a node", async () => {
    const { file } = await saved(play("{ name: data, size: 1GB }"));
    const task = "- hosts: flash01\n  gather_facts: false\n  tasks:\n    - nvmet_subsystem: { nqn: other, state: ";
    await run(`${task}present, allow_any_host: true }\n`);
    expect(await refused(file)).toMatch(/\n {2}flash01: generation \d+ → \d+; exports other now\n/);
    await run(`${task}absent }\n`);
  });

  test("where an export was removed by hand, before anybody noticed", async () => {
    const { system } = fleet.node("flash01");
    const path = "/sys/kernel/config/nvmet/subsystems/by-hand";
    await run("- hosts: flash01\n  gather_facts: false\n  tasks: [{ kernel_module: { name: nvmet } }]\n");
    await system.do({ op: "mkdir", path }, 10_000);
    const { file } = await saved(play("{ name: data, size: 1GB }"));
    await system.do({ op: "rmdir", path }, 10_000);
    expect(await refused(file)).toContain("\n  flash01: does not export by-hand any more\n");
  });

  test("where a node has booted, and where one is gone", async () => {
    const { file } = await saved(play("{ name: data, size: 1GB }"));
    await fleet.bootAgain("db01");
    expect(await refused(file)).toContain("\n  db01: it has booted since");
    const next = await saved(play("{ name: data, size: 1GB }"));
    await fleet.node("db01").stop();
    expect(await refused(next.file)).toContain("\n  db01: it does not answer\n");
    await fleet.node("db01").start();
  });

  test("where its drive is another volume's by now, and where it was", async () => {
    const { file } = await saved(play("{ name: data, size: 1GB }"));
    await run(play("{ name: quick, size: 1GB }"));
    const err = await refused(file);
    expect(err).toMatch(/volume db01\/data: its drive \S+ of flash01 is volume db01\/quick's now/);
    expect(err).toMatch(/volume db01\/data: service id 4421 at 10\.20\.1\.1 of flash01 is taken by volume db01\/quick/);
    await run(play("{ name: quick, state: absent }"));
    expect(await refused(file)).toMatch(/volume db01\/data: its drive \S+ of flash01 was volume db01\/quick's since/);
    await clean("quick");
  });

  test("where its drive holds something by now, which no report says", async () => {
    const { file } = await saved(play("{ name: data, size: 1GB }"));
    const { system } = fleet.node("flash01");
    system.mountDrive("nvme0n1", "/mnt");
    const before = await fleet.world();
    const { code, out } = await fleet.cli("apply", file);
    expect([code, out]).toEqual([1, expect.stringContaining("of flash01: ")]);
    expect(out).toContain("mounted at /mnt");
    expect(await fleet.world()).toEqual(before);
    system.unmountDrive("nvme0n1");
    await done("apply", file);
    await clean("data");
  });
});

describe("a plan that", () => {
  test("would fail is saved and shown, and not applied", async () => {
    const file = join(fleet.directory, "failing.plan");
    const playbook = await fleet.file("failing.yml", "- hosts: db01\n  tasks: [{ fail: { msg: enough } }]\n");
    expect((await fleet.cli("plan", playbook, "--save", file)).code).toBe(2);
    expect((await done("apply", file, "--show")).out).toContain("it would fail on 1");
    const { code, err } = await fleet.cli("apply", file);
    expect([code, err]).toEqual([1, expect.stringContaining("it would fail on 1 host")]);
  });

  test("cannot be read, or written, is a mistake of the command line", async () => {
    const file = await fleet.file("no.plan", '{ "v": 2 }');
    expect((await fleet.cli("apply", file)).code).toBe(5);
    expect((await fleet.cli("apply", join(fleet.directory, "none.plan"))).code).toBe(5);
    const playbook = await fleet.file("any.yml", "- hosts: db01\n  tasks: []\n");
    const { code, err } = await fleet.cli("plan", playbook, "--save", join(fleet.directory, "none", "a.plan"));
    expect([code, err]).toEqual([5, expect.stringContaining("cannot save the plan")]);
  });
});
