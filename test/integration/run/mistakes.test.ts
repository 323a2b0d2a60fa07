import { afterAll, describe, expect, test } from "vitest";
import { startFleet } from "../../support/fleet.ts";
import { renderTree } from "../../support/render-tree.ts";

const fleet = await startFleet();
afterAll(() => fleet[Symbol.asyncDispose]());

const play = (...tasks: string[]) =>
  `- hosts: targets\n  gather_facts: false\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join("")}`;

/** Runs a playbook that cannot work: nothing may have happened, not even in its tasks before the mistake. */
async function refused(playbook: string, ...options: string[]) {
  const path = await fleet.file("play.yaml", playbook);
  const { system, store } = fleet.node("target");
  const before = [await renderTree(system), await system.list("/sys/module"), store.spec.get()];
  const runs = (await fleet.cli("runs", "-o", "json")).out;
  const answer = await fleet.cli("run", path, ...options);
  expect([await renderTree(system), await system.list("/sys/module"), store.spec.get()]).toEqual(before);
  expect((await fleet.cli("runs", "-o", "json")).out).toBe(runs);
  expect(answer.out).toBe("");
  return { ...answer, err: answer.err.replaceAll(path, "play.yaml") };
}

const load = "kernel_module: { name: nvmet }";

describe("a mistake in a playbook stops it before it begins, with its place and a hint:", () => {
  test.each([
    [
      "an unknown keyword of a play",
      `- hosts: all\n  task: []\n`,
      /play\.yaml:2:3: .*'task'[\s\S]*hint: did you mean 'tasks'/,
    ],
    [
      "an unknown keyword of a task",
      play(load, "{ debug: {}, wen: true }"),
      /play\.yaml:5:\d+: .*'wen'[\s\S]*hint: did you mean 'when'/,
    ],
    [
      "an unknown module",
      play(load, "nvmet_prot: { address: 10.0.0.1 }"),
      /play\.yaml:5:\d+: .*nvmet_prot[\s\S]*hint: did you mean 'nvmet_port'/,
    ],
    [
      "an unknown argument",
      play(load, "nvmet_port: { adress: 10.0.0.1 }"),
      /play\.yaml:5:\d+: .*'adress'[\s\S]*hint: did you mean 'address'/,
    ],
    [
      "an argument that is missing",
      play(load, "nvmet_subsystem: { allow_any_host: true }"),
      /play\.yaml:5:\d+: .*'nqn' is missing/,
    ],
    [
      "a number where a list belongs",
      play(load, "nvmet_subsystem: { nqn: nvmet-test, namespaces: 1 }"),
      /play\.yaml:5:\d+: .*'namespaces' must be a list, got/,
    ],
    [
      "a word where a number belongs",
      play(load, "nvmet_port: { address: 10.0.0.1, id: first }"),
      /play\.yaml:5:\d+: .*'id' must be .*, got the text/,
    ],
    [
      "a port number that is none",
      play(load, "nvmet_port: { address: 10.0.0.1, service_id: 70000 }"),
      /play\.yaml:5:\d+: .*'service_id'/,
    ],
    ["a name that is no NQN", play(load, "nvmet_subsystem: { nqn: 'a b' }"), /play\.yaml:5:\d+: .*'nqn'/],
    ["YAML that cannot be read", "- hosts: all\n  tasks:\n   - debug: {\n", /play\.yaml:\d+:\d+: /],
    ["YAML with a key twice", play("{ debug: {}, debug: {} }"), /play\.yaml:4:\d+: .*debug/],
    ["a tab where YAML wants spaces", "- hosts: all\n\ttasks: []\n", /play\.yaml:2:\d+: /],
    ["a template that cannot be read", play(load, "debug: { msg: '{{ facts. }}' }"), /play\.yaml:5:\d+: /],
    [
      "a filter that does not exist",
      play(load, "debug: { msg: '{{ facts | uper }}' }"),
      /play\.yaml:5:\d+: .*uper[\s\S]*hint: did you mean 'upper'/,
    ],
    ["a condition that cannot be read", play(load, "{ debug: {}, when: 'a ==' }"), /play\.yaml:5:\d+: /],
    ["a file that is no list of plays", "hosts: all\n", /play\.yaml:1:1: /],
    ["an empty file", "", /play\.yaml/],
  ])("%s", async (_, playbook, message) => {
    const { code, err } = await refused(playbook);
    expect(err).toMatch(message);
    expect(code, err).toBe(3);
  });

  test("several mistakes are told all at once, each with its place", async () => {
    const { code, err } = await refused(
      play(load, "nvmet_prot: {}", "nvmet_port: { adress: 10.0.0.1 }", "{ debug: {}, wen: true }"),
    );
    expect(code).toBe(3);
    expect(err.match(/^ERROR! play\.yaml:\d+:\d+: /gm)?.length).toBeGreaterThanOrEqual(3);
    for (const line of [5, 6, 7]) expect(err).toContain(`play.yaml:${line}:`);
  });

  test("-o json tells the same mistakes as lines of JSON", async () => {
    const path = await fleet.file("play.yaml", play("nvmet_prot: {}", "{ debug: {}, wen: true }"));
    const answer = await fleet.cli("run", path, "-o", "json");
    expect(answer.lines()).toEqual([
      expect.objectContaining({ is: "error", code: "bad_playbook", place: expect.stringMatching(/play\.yaml:4:\d+$/) }),
      expect.objectContaining({ is: "error", code: "bad_playbook", place: expect.stringMatching(/play\.yaml:5:\d+$/) }),
    ]);
  });
});

describe("a mistake in an inventory stops the run before it begins:", () => {
  test.each([
    ["YAML that cannot be read", "all: {hosts: [\n", /hosts\.yaml:\d+:\d+: /, 3],
    [
      "an unknown key",
      "all:\n  host:\n    target:\n",
      /hosts\.yaml:2:\d+: .*'host'[\s\S]*hint: did you mean 'hosts'/,
      3,
    ],
    ["a list where hosts belong", "all:\n  hosts: [target]\n", /hosts\.yaml:2:\d+: /, 3],
    ["a group that is its own child", "a:\n  children:\n    b:\nb:\n  children:\n    a:\n", /hosts\.yaml/, 3],
    ["a range that runs backwards", "all:\n  hosts:\n    n[9:1]:\n", /hosts\.yaml:3:\d+: /, 3],
  ])("%s", async (_, text, message, code) => {
    const inventory = await fleet.file("hosts.yaml", text);
    const answer = await refused(play(load), "-i", inventory);
    expect(answer.err).toMatch(message);
    expect(answer.code, answer.err).toBe(code);
  });

  test("a file that is not there", async () => {
    const answer = await refused(play(load), "-i", "/nowhere/hosts.yaml");
    expect(answer.err).toContain("cannot read the inventory /nowhere/hosts.yaml");
    expect(answer.code).toBe(5);
  });

  test("a play whose pattern matches nobody, though earlier plays have hosts", async () => {
    const { code, err } = await refused(`${play(load)}- hosts: tragets\n  tasks: []\n`);
    expect(code).toBe(1);
    expect(err).toContain("no host matches tragets");
    expect(err).toContain("targets");
  });

  test("a limit that leaves nobody", async () => {
    const { code, err } = await refused(play(load), "-l", "initiators");
    expect(code).toBe(1);
    expect(err).toContain("within the limit initiators");
  });

  test("but a limit that leaves out one play of two runs the other", async () => {
    const both = ["initiators", "targets"].map((group) => `- hosts: ${group}\n  tasks: [{ debug: {} }]\n`).join("");
    const { code, out, err } = await fleet.cli("run", await fleet.file("both.yaml", both), "-l", "targets");
    expect(code, err).toBe(0);
    expect(out).toMatch(/target +: ok=2 /);
    expect(out).not.toContain("initiator");
  });
});
