import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ansible, whyNoAnsible } from "../../support/ansible.ts";
import { flashfleet } from "../../support/cli.ts";
import { testEnvironment } from "../../support/fleet.ts";
import { vaultPassword, vaultPlaintext } from "../../support/vault-texts.ts";

const reason = whyNoAnsible();
if (reason !== undefined) process.stderr.write(`SKIPPED: commands beside Ansible's: ${reason}\n`);

const files: Record<string, string> = {
  hosts: `z0
[web]
w[1:3] ansible_host=10.0.0.1 list=[1,'a']
[db]
w2
d1 x="two words"
[site:children]
web
db
[site:vars]
truth=True
nothing=None
ansible_group_priority=3
`,
  "more.yml": "db: {hosts: {d2: {map: {k: 1.5}}}, vars: {y: '{{ x }}'}}",
  "group_vars/web.yml": "role: web\nnested: {a: [1, {b: null}]}",
  "host_vars/d1.json": '{"role": "own"}',
  "play.yml": `- name: First
  hosts: web
  tags: [one]
  pre_tasks: [{name: before, debug: {msg: a}}]
  tasks:
    - debug: {msg: a}
    - name: A block
      block:
        - {name: inner, command: "true", tags: [b, a]}
      rescue:
        - {name: rescue, debug: {msg: a}}
      always:
        - {name: finally, debug: {msg: a}}
    - {name: hidden, debug: {msg: a}, tags: never}
    - import_tasks: tasks.yml
  post_tasks: [{name: after, debug: {msg: a}}]
- hosts: db:!w2
  tasks: [{name: "{{ x }}", debug: {msg: a}}]
`,
  "tasks.yml": "- {name: imported, debug: {msg: a}, tags: i}\n",
  password: `${vaultPassword}\n`,
  "plain.yml": vaultPlaintext,
};

describe.skipIf(reason !== undefined)("commands print what Ansible's print", () => {
  let directory = "";
  const at = (path: string) => join(directory, path);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "ff-ansible-"));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), text);
    }
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const inventories = () => ["-i", at("hosts"), "-i", at("more.yml")];
  const ours = (...argv: string[]) => flashfleet(testEnvironment(directory, at("none")), argv);
  const theirs = (...argv: string[]) => ansible(directory, argv);

  test.each(["all", "web", "site:&web:!w1", "w*[0:1]", "~d\\d", "site[-1]", "w2,z0", "nowhere"])(
    "exec '%s' MODULE --list-hosts",
    async (pattern) => {
      const [own, other] = await Promise.all([
        ours("exec", pattern, "ping", ...inventories(), "--list-hosts"),
        theirs("ansible", pattern, ...inventories(), "--list-hosts"),
      ]);
      expect(own.out).toBe(other.out);
      // A pattern that names nothing is a mistake here.
      expect(own.code).toBe(pattern === "nowhere" ? 1 : 0);
    },
  );

  test.each(["--list-tasks", "--list-tags", "--syntax-check", "--list-tasks -t a"])("run %s", async (options) => {
    const words = options.split(" ");
    const [own, other] = await Promise.all([
      ours("run", ...inventories(), at("play.yml"), ...words),
      theirs("ansible-playbook", ...inventories(), at("play.yml"), ...words),
    ]);
    // Ansible ends a list of tasks with an empty line that display swallows, or not.
    const trimmed = (text: string) => text.replaceAll(/\n+$/gm, "");
    expect(trimmed(own.out)).toBe(trimmed(other.out));
    expect(own.code).toBe(0);
  });

  test("run --list-hosts, whose order Ansible leaves to chance", async () => {
    const [own, other] = await Promise.all([
      ours("run", ...inventories(), at("play.yml"), "--list-hosts"),
      theirs("ansible-playbook", ...inventories(), at("play.yml"), "--list-hosts"),
    ]);
    expect(own.out.split("\n").sort()).toEqual(other.out.split("\n").sort());
  });

  test.each(["--list", "--list --export", "--host d1", "--host w2"])("inventory %s", async (options) => {
    const words = options.split(" ");
    const [own, other] = await Promise.all([
      ours("inventory", ...inventories(), ...words),
      theirs("ansible-inventory", ...inventories(), ...words),
    ]);
    expect(JSON.parse(own.out)).toEqual(JSON.parse(other.out));
  });

  test.each(["--graph", "--graph site", "--graph --vars"])("inventory %s", async (options) => {
    const words = options.split(" ");
    const [own, other] = await Promise.all([
      ours("inventory", ...inventories(), ...words),
      theirs("ansible-inventory", ...inventories(), ...words),
    ]);
    expect(own.out).toBe(other.out);
  });

  test("each vault reads what the other wrote", async () => {
    const key = ["--vault-password-file", at("password")];
    await writeFile(at("ours.yml"), vaultPlaintext);
    await writeFile(at("theirs.yml"), vaultPlaintext);
    expect((await ours("vault", "encrypt", at("ours.yml"), ...key)).code).toBe(0);
    expect((await theirs("ansible-vault", "encrypt", ...key, at("theirs.yml"))).code).toBe(0);
    expect((await theirs("ansible-vault", "view", ...key, at("ours.yml"))).out).toBe(vaultPlaintext);
    expect((await ours("vault", "view", at("theirs.yml"), ...key)).out).toBe(vaultPlaintext);

    await writeFile(at("new"), "a new password\n");
    expect((await ours("vault", "rekey", at("theirs.yml"), ...key, "--new-vault-id", `prod@${at("new")}`)).code).toBe(
      0,
    );
    expect((await theirs("ansible-vault", "view", "--vault-id", `prod@${at("new")}`, at("theirs.yml"))).out).toBe(
      vaultPlaintext,
    );

    const value = await ours("vault", "encrypt-string", "-n", "secret", "one {{ two", ...key);
    await writeFile(at("group_vars/all.yml"), value.out);
    const [own, other] = await Promise.all([
      ours("inventory", "-i", at("hosts"), "--host", "z0", ...key),
      theirs("ansible-inventory", "-i", at("hosts"), "--host", "z0", ...key),
    ]);
    expect(JSON.parse(own.out)).toEqual(JSON.parse(other.out));
    const shown = await theirs(
      "ansible",
      "z0",
      "-i",
      at("hosts"),
      "-c",
      "local",
      ...key,
      "-m",
      "debug",
      "-a",
      "var=secret",
    );
    expect(shown.out).toContain('"secret": "one {{ two"');
    await rm(at("group_vars/all.yml"));
  }, 120_000);
});
