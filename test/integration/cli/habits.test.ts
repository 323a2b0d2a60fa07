import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFleet, type TestFleet } from "../../support/fleet.ts";

let fleet: TestFleet;
let playbook = "";
beforeAll(async () => {
  fleet = await startFleet({ nodes: { n1: {}, n2: {} } });
  playbook = await fleet.file("site.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug:\n");
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

describe("what fingers know of Ansible", () => {
  test.each([
    [
      "exec with -m and -a",
      ["exec", "n1", "-m", "command", "-a", "echo one 'two three'"],
      "n1 | CHANGED | rc=0 >>\none two three\n",
    ],
    ["exec with -a alone, which is a command", ["exec", "n1", "-a", "echo x"], "n1 | CHANGED | rc=0 >>\nx\n"],
    ["exec with -m and words", ["exec", "n1", "-m", "command", "echo x"], "n1 | CHANGED | rc=0 >>\nx\n"],
    [
      "exec with a module of name=value",
      ["exec", "n1", "-m", "debug", "-a", "msg='a b'"],
      'n1 | SUCCESS => {\n    "msg": "a b"\n}\n',
    ],
    [
      "exec with -a as JSON",
      ["exec", "n1", "-m", "debug", "-a", '{"msg": [1]}'],
      'n1 | SUCCESS => {\n    "msg": [\n        1\n    ]\n}\n',
    ],
    ["exec without a module, to list hosts", ["exec", "all", "--list-hosts"], "  hosts (2):\n    n1\n    n2\n"],
    [
      "-b, which is nothing new",
      ["exec", "-b", "n1", "-m", "ping"],
      'n1 | SUCCESS => {\n    "changed": false,\n    "ping": "pong"\n}\n',
    ],
    ["--inventory-file", ["exec", "all", "--inventory-file", "n2,", "--list-hosts"], "  hosts (1):\n    n2\n"],
    [
      "--become-user root",
      ["exec", "n1", "-b", "--become-user", "root", "-a", "echo x"],
      "n1 | CHANGED | rc=0 >>\nx\n",
    ],
  ])("%s", async (_, argv, out) => {
    expect(await fleet.cli(...argv)).toMatchObject({ code: 0, out, err: "" });
  });

  test("options of ssh and sudo are taken, and said to be without effect, once", async () => {
    const options = [
      "-u",
      "root",
      "-k",
      "-K",
      "-c",
      "ssh",
      "-T",
      "30",
      "--key-file=x",
      "--ssh-common-args",
      "-o ProxyJump=x",
    ];
    const answer = await fleet.cli("run", playbook, "-b", ...options);
    expect(answer.code).toBe(0);
    expect(answer.err).toBe(
      "[WARNING]: --user, --ask-pass, --ask-become-pass, --connection, --timeout, --private-key, --ssh-common-args have no effect here: an agent on each node does the work as root (they are for ssh and sudo)\n",
    );
    expect((await fleet.cli("exec", "n1", "-u", "x", "-m", "ping")).err).toContain("--user has no effect here");
  });

  test.each([
    [["exec", "n1", "-a", "true", "-B", "60"], "-o json", "flashfleet attach RUN"],
    [["exec", "n1", "-a", "true", "-P", "0"], "background", "flashfleet attach RUN"],
    [["exec", "n1", "-a", "true", "-t", "logs"], "--tree", "-o json"],
    [["exec", "n1", "-a", "true", "--become-user", "db"], "cannot run as db", "leave --become-user out"],
    [["exec", "n1", "-a", "true", "-M", "library"], "library", "built in"],
    [["exec", "n1"], "no module is named", "-m MODULE"],
    [["exec", "n1", "ping", "-o"], "argument missing", "--output"],
  ])("%j is refused with what to do instead", async (argv, what, hint) => {
    const answer = await fleet.cli(...argv);
    expect(answer).toMatchObject({ code: 5, out: "" });
    expect(answer.err).toContain(argv.includes("-B") ? "background" : what);
    expect(answer.err).toContain(hint);
  });
});
