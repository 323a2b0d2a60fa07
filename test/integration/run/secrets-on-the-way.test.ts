import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encryptVaultText } from "../../../controller/project/vault/vault-cipher.ts";
import { connectBus } from "../../../shared/bus/connection.ts";
import { systemClock } from "../../../shared/clock.ts";
import { controller } from "../../../shared/protocol/subjects.ts";
import { Secret } from "../../../shared/secret.ts";
import { startFleet, type TestFleet, type TestNode } from "../../support/fleet.ts";

const password = "the vault's own password";
const secrets = {
  plain: "a-secret-of-its-own",
  odd: `it's "odd" \\ and {{ braced`,
  lines: "-----BEGIN KEY-----\nfirst-line-of-the-key\nsecond-line-of-the-key\n",
  of_file: "secret-in-an-encrypted-file",
};
/** Shown nowhere because of no_log alone. */
const unlogged = "known-to-no-vault";
const texts = [...Object.values(secrets), unlogged].flatMap((value) => value.trim().split("\n"));
const traces = [
  ...texts,
  ...texts.flatMap((text) => [Buffer.from(text).toString("base64"), JSON.stringify(text).slice(1, -1)]),
];

function encrypted(text: string): string {
  return encryptVaultText(text, new Secret(password), { salt: Buffer.alloc(32, text.length) });
}

/** The name of a trace that is in it; the secrets themselves are not for the message of a failed test. */
function tracesIn(bytes: Buffer | string): string[] {
  const whole = Buffer.from(bytes);
  return traces.filter((trace) => whole.includes(trace));
}

interface Tap extends AsyncDisposable {
  /** Every message that went over the bus, with its subject. */
  messages: { subject: string; data: Buffer }[];
}

/** Hears everything on the bus, JetStream's own subjects among it. */
async function tap(fleet: TestFleet): Promise<Tap> {
  const { connection } = await connectBus({
    url: fleet.controller.url,
    token: await fleet.token(),
    name: "tap",
    principal: controller,
    clock: systemClock,
    random: Math.random,
  });
  const messages: Tap["messages"] = [];
  const subscription = connection.subscribe(">", {
    callback: (error, { subject, data }) => {
      if (error === null) messages.push({ subject, data: Buffer.from(data) });
    },
  });
  await connection.flush();
  return {
    messages,
    [Symbol.asyncDispose]: async () => {
      await subscription.drain();
      await connection.close();
    },
  };
}

async function expectNothingKept(fleet: TestFleet): Promise<void> {
  for (const directory of [fleet.data, ...Object.values(fleet.nodes).map((node) => node.directory)]) {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile())) {
      const file = join(entry.parentPath, entry.name);
      expect(tracesIn(await readFile(file)), file).toEqual([]);
    }
  }
}

async function contentOf({ system }: TestNode, path: string): Promise<string> {
  return system.read(path);
}

async function project(fleet: TestFleet): Promise<{ inventory: string; key: string }> {
  const inline = Object.entries(secrets).filter(([name]) => name !== "of_file");
  const values = inline.map(
    ([name, value]) => `${name}: !vault |\n  ${encrypted(value).trim().replaceAll("\n", "\n  ")}\n`,
  );
  await fleet.file("inv/group_vars/all/inline.yml", values.join(""));
  await fleet.file("inv/group_vars/all/vault.yml", encrypted(`of_file: ${secrets.of_file}\n`));
  await fleet.file("templates/conf.j2", "key={{ plain }}\n{{ lines }}");
  await fleet.file("each.yaml", '- copy: { content: "{{ it }}", dest: "/tmp/{{ it | length }}" }\n');
  return {
    inventory: await fleet.file("inv/hosts.yaml", "all: {hosts: {one: , two: }}\n"),
    key: await fleet.file("password", `${password}\n`),
  };
}

const everywhere = `- name: Everywhere
  hosts: one
  vars: { unlogged: ${unlogged} }
  tasks:
    - name: Content, {{ odd }}
      copy: { content: "{{ plain }}", dest: /etc/plain, mode: "0600" }
    - copy: { content: "{{ odd }}", dest: /etc/odd }
    - template: { src: conf.j2, dest: /etc/conf }
    - lineinfile: { path: /etc/conf, line: "more={{ of_file }}" }
    - command: { argv: [echo, "{{ odd }}", "{{ lines }}"] }
    - command: { cmd: cat, stdin: "{{ plain }} {{ lines }}" }
      register: piped
    - command: printenv KEY
      environment: { KEY: "{{ of_file }}" }
      register: printed
    - copy: { content: "{{ piped.stdout }}", dest: /etc/piped }
    - copy: { content: "{{ printed.stdout_lines[0] }}", dest: /etc/printed }
    - command: cat /etc/plain
      register: read
    - set_fact: { made: "{{ read.stdout }}/{{ odd }}" }
    - copy: { content: "{{ made }}", dest: /etc/made }
    - copy: { content: "{{ made | b64encode }}", dest: /etc/base64 }
    - command: cat /etc/base64
    - command: echo {{ item }}
      loop: ["{{ plain }}", "{{ of_file }}"]
      register: looped
    - copy: { content: "{{ looped.results | map(attribute='stdout') | join(' ') }}", dest: /etc/looped }
    - include_tasks: each.yaml
      vars: { it: "{{ item }}" }
      loop: ["{{ plain }}", "{{ of_file }}"]
    - command: { argv: [cat, "/no/{{ plain }}"] }
      ignore_errors: true
    - command: "no-such-program-{{ plain }}"
      ignore_errors: true
    - block:
        - command: { argv: [cat, "/nowhere/{{ of_file }}"] }
      rescue:
        - debug: { msg: "{{ ansible_failed_result.stderr }}" }
        - copy: { content: "{{ ansible_failed_result.stderr }}", dest: /etc/failed }
    - copy: { content: "{{ plain }}", dest: /etc/delegated }
      delegate_to: two
    - command: { cmd: cat, stdin: "{{ unlogged }}" }
      no_log: true
      register: quiet
    - copy: { content: "{{ quiet.stdout }}", dest: /etc/unlogged }
      no_log: true
    - copy: { content: "{{ of_file }}", dest: /etc/plain }
    - debug: { var: piped }
    - debug: { msg: { "{{ plain }}": "{{ [odd, lines] }}" } }
    - wait_for: { path: "/etc/{{ plain }}", timeout: 0 }
      ignore_errors: true
    - assert: { that: plain == odd, fail_msg: "{{ plain }} is not {{ odd }}" }
      ignore_errors: true
    - fail: { msg: "so much for {{ of_file | urlencode }} {{ odd | quote }}" }
`;

test("secrets of a run reach the files that were asked for, and no message, no disk, no output has them in the clear", async () => {
  await using fleet = await startFleet({ nodes: { one: {}, two: {} } });
  const { inventory, key } = await project(fleet);
  const playbook = await fleet.file("play.yaml", everywhere);
  await using heard = await tap(fleet);
  for (const more of [
    ["-v", "-D"],
    ["-o", "json", "-D"],
    ["--check", "-D"],
  ]) {
    const answer = await fleet.cli("run", "-i", inventory, playbook, "--vault-password-file", key, ...more);
    expect(answer.code, answer.out + answer.err).toBe(2);
    // In a check nothing is registered, so that it ends before.
    expect(answer.out + answer.err).toContain(more.includes("--check") ? "Content, [secret]" : "so much for [secret]");
    expect(tracesIn(answer.out + answer.err), answer.out).toEqual([]);
  }
  const { one } = fleet.nodes;
  if (one === undefined) throw new Error("no node");
  const { plain, odd, lines, of_file } = secrets;
  expect(await contentOf(one, "/etc/odd")).toBe(odd);
  expect(await contentOf(one, "/etc/conf")).toBe(`key=${plain}\n${lines}more=${of_file}\n`);
  expect(await contentOf(one, "/etc/piped")).toBe(`${plain} ${lines.trimEnd()}`);
  expect(await contentOf(one, "/etc/printed")).toBe(of_file);
  expect(await contentOf(one, "/etc/made")).toBe(`${plain}/${odd}`);
  expect(await contentOf(one, "/etc/looped")).toBe(`${plain} ${of_file}`);
  expect(await contentOf(one, `/tmp/${of_file.length}`)).toBe(of_file);
  expect(await contentOf(one, "/etc/failed")).toContain(of_file);
  expect(await contentOf(one, "/etc/unlogged")).toBe(unlogged);
  expect(await contentOf(fleet.node("two"), "/etc/delegated")).toBe(plain);

  expect(heard.messages.some(({ subject }) => subject.endsWith(".one.call"))).toBe(true);
  expect(heard.messages.some(({ subject }) => subject.startsWith("ff.v1.run."))).toBe(true);
  for (const { subject, data } of heard.messages) expect(tracesIn(data), `${subject}: ${data}`).toEqual([]);
  expect(tracesIn(fleet.logs.join(""))).toEqual([]);
  await expectNothingKept(fleet);
}, 120_000);

test("what a task kept is itself for the tasks that follow, also of another run behind a restart of the controller", async () => {
  await using fleet = await startFleet({ nodes: { one: {}, two: {} } });
  const { inventory, key } = await project(fleet);
  const playbook = await fleet.file(
    "play.yaml",
    `- hosts: one
  gather_facts: false
  tasks:
    - command: { cmd: cat, stdin: "{{ plain }}" }
      register: piped
    - set_fact: { made: "{{ piped.stdout }}!" }
    - command: cat /tmp/ready
    - copy: { content: "{{ piped.stdout }}/{{ made }}", dest: /etc/made }
`,
  );
  const first = await fleet.cli("run", "-i", inventory, playbook, "--vault-password-file", key);
  expect(first.code, first.out + first.err).toBe(2);
  const [failed] = (await fleet.cli("runs", "-o", "json")).lines();
  await fleet.stopController();
  await fleet.startController();
  const one = fleet.node("one");
  await one.system.do({ op: "replace", path: "/tmp/ready", content: "", mode: 0o644 }, Number.MAX_SAFE_INTEGER);
  await one.start();

  const second = await fleet.cli("run", "--resume", String(failed?.run), "-o", "json");
  expect(second.code, second.out + second.err).toBe(0);
  expect(await contentOf(one, "/etc/made")).toBe(`${secrets.plain}/${secrets.plain}!`);
  expect(tracesIn(second.out)).toEqual([]);
  expect(second.out).not.toContain('"sealed"');
  await expectNothingKept(fleet);
}, 120_000);
