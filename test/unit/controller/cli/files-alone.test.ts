import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flashfleet } from "../../../support/cli.ts";
import { vaultFile, vaultPassword, vaultPlaintext } from "../../../support/vault-texts.ts";

let directory = "";
const at = (path: string) => join(directory, path);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ff-files-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
  }
}

/** There is no controller: what asks one fails. */
const run = (...argv: string[]) =>
  flashfleet(
    {
      data: at("none"),
      natsServer: undefined,
      path: "",
      cache: "",
      colours: false,
      user: "tester@desk",
      XDG_STATE_HOME: undefined,
      FLASHFLEET_NATS_TOKEN: undefined,
    },
    argv,
  );

describe("without a controller", () => {
  beforeAll(() =>
    write({
      "inv/hosts": "[web]\nw[1:2]\n[db]\nd1\n",
      "inv/group_vars/web/vault.yml": vaultFile,
      "shared/all.yml": "shared: 1\n",
      "play.yml": "- hosts: web\n  tasks: [{name: t, debug: {msg: a}, tags: x}]\n- hosts: nobody\n  tasks: []\n",
      "good.yml": "- hosts: web\n  tasks: [{debug: {msg: a}}]\n- hosts: db\n  tasks: []\n",
      "bad.yml": "- hosts: web\n  task: []\n",
      password: vaultPassword,
    }),
  );
  const key = () => ["-i", at("inv"), "--vault-password-file", at("password")];

  test("hosts are listed as ansible lists them", async () => {
    expect(await run("exec", "web:db", "ping", ...key(), "--list-hosts")).toMatchObject({
      code: 0,
      out: "  hosts (3):\n    w1\n    w2\n    d1\n",
    });
  });

  test("a pattern that names nothing is listed, and is an error", async () => {
    const answer = await run("exec", "wbe", "ping", ...key(), "--list-hosts");
    expect(answer).toMatchObject({ code: 1, out: "  hosts (0):\n" });
    expect(answer.err).toContain(
      "[WARNING]: Could not match supplied host pattern, ignoring: wbe (did you mean 'web'?)",
    );
    expect(answer.err).toContain("ERROR! no host matches wbe");
    const place = await run("exec", "web[7]", "ping", ...key(), "--list-hosts");
    expect(place).toMatchObject({ code: 1, out: "  hosts (0):\n" });
    expect(place.err).toContain("no host matches web[7]: 'web' has 2\n  hint: places count from 0");
  });

  test("a play that names nothing is an error, one that the limit leaves nothing is none", async () => {
    const none = await run("run", ...key(), at("play.yml"), "--list-hosts");
    expect(none.code).toBe(1);
    expect(none.err).toContain("no host matches nobody");
    expect((await run("run", ...key(), at("good.yml"), "--list-hosts", "-l", "d1")).code).toBe(0);
    expect((await run("run", ...key(), at("good.yml"), "--list-hosts", "-l", "zzz")).code).toBe(1);
  });

  test("-o json gives a line for each play", async () => {
    const answer = await run("run", ...key(), at("good.yml"), "--list-hosts", "--list-tasks", "-o", "json");
    expect(answer.lines()).toEqual([
      {
        playbook: at("good.yml"),
        play: 0,
        name: "web",
        pattern: "web",
        tags: [],
        hosts: ["w1", "w2"],
        tasks: [{ name: "debug", tags: [] }],
      },
      { playbook: at("good.yml"), play: 1, name: "db", pattern: "db", tags: [], hosts: ["d1"], tasks: [] },
    ]);
  });

  test("--syntax-check tells every mistake with its place", async () => {
    const answer = await run("run", ...key(), at("bad.yml"), "--syntax-check");
    expect(answer.code).toBe(3);
    expect(answer.err).toContain(
      "bad.yml:2:3: cannot read the play: there is no keyword 'task'\n  hint: did you mean 'tasks'?",
    );
    expect((await run("run", ...key(), at("good.yml"), "--syntax-check")).code).toBe(0);
  });

  test("an inventory is shown without what its vault keeps", async () => {
    const list = await run("inventory", ...key(), "--list");
    expect(JSON.parse(list.out)._meta.hostvars.w1).toEqual({ password: "[secret]", port: "[secret]", url: "[secret]" });
    const graph = await run("inventory", ...key(), "web", "--vars");
    expect(graph.out).toContain("  |  |--{password = [secret]}\n");
    for (const answer of [list, graph]) expect(answer.out + answer.err).not.toContain("s3cret");
    expect((await run("inventory", ...key(), "nowhere")).err).toContain("there is no group nowhere in the inventory");
  });

  test("a vault that nothing opens is told with its place and the remedy", async () => {
    const answer = await run("inventory", "-i", at("inv"));
    expect(answer.code).toBe(3);
    expect(answer.err).toContain(`${at("inv/group_vars/web/vault.yml")}:1:1: cannot read`);
    expect(answer.err).toContain("hint: --vault-id LABEL@FILE, --vault-password-file FILE or --ask-vault-pass");
  });

  test("links to shared variables are followed, and not for ever", async () => {
    await write({ "linked/hosts": "h\n" });
    await symlink(at("shared"), at("linked/group_vars"));
    await symlink("..", at("shared/up"));
    expect(JSON.parse((await run("inventory", "-i", at("linked"), "--host", "h")).out)).toEqual({ shared: 1 });
    await rm(at("shared/up"));
  });

  test("a file whose name has a comma is a file", async () => {
    await write({ "a,b": "[c]\nd\n" });
    expect((await run("exec", "all", "ping", "-i", at("a,b"), "--list-hosts")).out).toBe("  hosts (1):\n    d\n");
  });

  test("-e @file may be encrypted", async () => {
    await write({ "extra.yml": vaultFile, "e.yml": "- hosts: '{{ hosts_of }}'\n  tasks: []\n" });
    const locked = await run("run", "-i", "w1,", at("e.yml"), "-e", `@${at("extra.yml")}`, "--syntax-check");
    expect(locked.code).toBe(5);
    expect(locked.err).toContain("it is encrypted, and no vault password was given");
    const opened = await run(
      "run",
      "-i",
      "w1,",
      at("e.yml"),
      "-e",
      `@${at("extra.yml")}`,
      "--syntax-check",
      ...key().slice(2),
    );
    expect(opened.code).toBe(0);
  });
});

describe("vault passwords", () => {
  beforeAll(() => write({ right: `${vaultPassword}\n`, wrong: "wrong\n", empty: "\n", "v.yml": vaultFile }));
  const view = (...options: string[]) => run("vault", "view", at("v.yml"), ...options);

  test("come from files and programs, and several are tried", async () => {
    expect((await view("--vault-password-file", at("right"))).out).toBe(vaultPlaintext);
    await write({ "print-client.sh": `#!/bin/sh\n[ "$1 $2" = "--vault-id dev" ] && echo '${vaultPassword}'\n` });
    await chmod(at("print-client.sh"), 0o700);
    expect((await view("--vault-id", `dev@${at("print-client.sh")}`, "--vault-id", `b@${at("wrong")}`)).out).toBe(
      vaultPlaintext,
    );
  });

  test.each([
    ["that are wrong", ["--vault-password-file", "wrong"], "cannot decrypt"],
    ["that are empty", ["--vault-password-file", "empty"], "it is empty"],
    ["that are not there", ["--vault-password-file", "nowhere"], "cannot read the vault password from"],
    ["that nobody can be asked for", ["--ask-vault-pass"], "stdin is no terminal"],
    ["that are missing", [], "stdin is no terminal"],
  ])("%s are told", async (_, [option, file], told) => {
    const answer = await view(
      ...[option, file === undefined ? undefined : at(file)].filter((word) => word !== undefined),
    );
    expect(answer.code).toBe(5);
    expect(answer.err).toContain(told);
    expect(answer.out).toBe("");
  });

  test("files are encrypted in place for their owner alone, and come back as they were", async () => {
    await write({ "plain.yml": "a: 1\n" });
    const key = ["--vault-password-file", at("right")];
    expect((await run("vault", "encrypt", at("plain.yml"), ...key)).code).toBe(0);
    expect(await readFile(at("plain.yml"), "utf8")).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n/);
    expect((await stat(at("plain.yml"))).mode & 0o777).toBe(0o600);
    expect((await run("vault", "encrypt", at("plain.yml"), ...key)).err).toContain("it is encrypted already");
    expect((await run("vault", "decrypt", at("plain.yml"), ...key)).code).toBe(0);
    expect(await readFile(at("plain.yml"), "utf8")).toBe("a: 1\n");
    const several = await run(
      "vault",
      "encrypt",
      at("plain.yml"),
      "--vault-id",
      `a@${at("right")}`,
      "--vault-id",
      `b@${at("wrong")}`,
    );
    expect(several.err).toContain("there are several\n  hint: --encrypt-vault-id names one of a, b");
  });
});
