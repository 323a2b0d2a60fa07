import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

const playbooks = fileURLToPath(new URL("playbooks", import.meta.url));
const reason = whyNoAnsible();
if (reason !== undefined) process.stderr.write(`SKIPPED: output beside Ansible's: ${reason}\n`);

/** What docs/playbooks.md says of the output, undone in Ansible's; nothing else is forgiven. */
const differences: readonly (readonly [says: string, pattern: RegExp, to: string])[] = [
  ["metas print nothing", /\nTASK \[(?:meta|flush now)\] \*+\n(?:skipping: .*\n)?/g, ""],
  ["a pause does not say that it pauses", /Pausing for \d+ seconds\n\(ctrl\+C .*\n/g, ""],
  ["an included file is named as it is written", /^included: \S*\/(?=(?:tasks\/)?\w+\.yml )/gm, "included: "],
  ["the end of a play is told once", /(\nNO MORE HOSTS LEFT \*+\n){2}/g, "$1"],
  [
    "a retry does not show its result",
    /(FAILED - RETRYING: .* \(\d retries left\)\.)Result was: \{\n(?: .*\n)*\}/g,
    "$1",
  ],
  ["configuration files are not told of", /^No config file found; using defaults\n/, ""],
];

function asHere(theirs: string): string {
  return differences.reduce((text, [, pattern, to]) => text.replace(pattern, to), theirs);
}

/** What flashfleet adds: the code of a failure, the condition that was false, and what to do about it. */
function asThere(ours: string): string {
  return ours
    .replaceAll(/"code": "\w+", /g, "")
    .replaceAll(/^ {4}"code": "\w+",\n/gm, "")
    .replaceAll(/"false_condition": ".*?", /g, "")
    .replaceAll(/^ {4}(?:hint|because): .*\n/gm, "");
}

/** Hosts of one task come in the order in which they are done, in Ansible too: the blocks of a task in one order. */
function inOrder(text: string): string[] {
  return text.split(/(?=\n(?:PLAY|TASK|RUNNING HANDLER|NO MORE)\b)/).map((part) => {
    const [banner = "", ...blocks] = part.split(/\n(?=(?:ok|changed|fatal|failed|skipping|included|FAILED)\b)/);
    const ordered = blocks.map((block) =>
      block.trimEnd().replace(/^(included: \S+ for )(.*?)(?= =>|$)/, (_, start: string, hosts: string) => {
        return start + hosts.split(", ").sort().join(", ");
      }),
    );
    return [banner, ...ordered.sort()].join("\n").trimEnd();
  });
}

/** A play of which this much is compared letter by letter. */
const written = `- name: Output
  hosts: all
  gather_facts: false
  tasks:
    - { name: text, debug: { msg: "hello \\"you\\" \\\\ ü 漢字" } }
    - { name: 漢字 and ümläute, debug: { msg: [1, { b: null, a: true }, [], {}] } }
    - { name: variable, debug: { var: inventory_hostname } }
    - debug:
    - { name: skipped, debug: { msg: no }, when: false }
    - { name: changed, debug: { msg: yes }, changed_when: true }
    - { name: items, debug: { msg: "{{ item }}" }, loop: [a, { k: "v w" }, 3] }
    - { name: some items, debug: { msg: "{{ item }}" }, loop: [a, b], when: item == 'b' }
    - { name: no items, debug: { msg: "{{ item }}" }, loop: [a, b], when: false }
    - { name: labels, debug: { msg: x }, loop: [{ name: one, secret: 1 }], loop_control: { label: "{{ item.name }}" } }
    - { name: ignored, debug: { msg: x }, failed_when: true, ignore_errors: true }
    - { name: ignored items, debug: { msg: "{{ item }}" }, loop: [a, b], failed_when: item == 'b', ignore_errors: true }
    - { name: asserted, assert: { that: 1 == 1 } }
    - { name: asserted in silence, assert: { that: 1 == 1, quiet: true } }
    - { name: a fact, set_fact: { x: 1 } }
    - { name: hidden, debug: { msg: secret }, no_log: true }
    - { name: once, debug: { msg: once }, run_once: true }
    - { name: tried again, debug: { msg: x }, until: false, retries: 1, delay: 0, register: tried, ignore_errors: true }
    - name: a block
      block:
        - { name: fails, fail: { msg: "on purpose" } }
      rescue:
        - { name: rescued, debug: { msg: "{{ ansible_failed_result.msg }}" } }
    - { name: a very long name of a task that has more characters than a line of a terminal has places, debug: { msg: x } }
    - { name: fails at the end, fail: { msg: "really" }, when: inventory_hostname == 'h1' }
- hosts: all
  gather_facts: false
  tasks:
    - { debug: { msg: "without a name" } }
`;

describe.skipIf(reason !== undefined)("the output is Ansible's, letter by letter", () => {
  let fleet: TestFleet;
  let directory = "";
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ff-output-"));
    await cp(playbooks, directory, { recursive: true });
    fleet = await startFleet({ nodes: {} });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  async function compare(args: readonly string[]) {
    const theirs = await ansible(directory, ["ansible-playbook", ...args]);
    const at = args.map((word) => (/\.yml$/.test(word) ? join(directory, word) : word));
    const ours = await fleet.cli("run", ...at);
    expect(inOrder(asThere(ours.out)), ours.err).toEqual(inOrder(asHere(theirs.out)));
    expect(ours.code).toBe(theirs.code);
  }

  test.each(["blocks", "fatal", "failures", "ends", "handlers", "roles", "second", "tags"])("of %s", (name) =>
    compare(["-i", "hosts.yml", `${name}.yml`]),
  );

  test.each([[[]], [["-v"]]])("of what this file has, with %j", async (words) => {
    await writeFile(join(directory, "written.yml"), written);
    await compare(["-i", "h1,h2,", "written.yml", ...words]);
  });
});
