import { describe, expect, test } from "vitest";
import { variableLayer } from "../../../../controller/template/compiled-value.ts";
import { projectFiles } from "../../../../controller/template/file-templates.ts";
import { Scope } from "../../../../controller/template/scope.ts";
import { compileTemplate } from "../../../../controller/template/template.ts";
import type { Json } from "../../../../controller/template/value.ts";
import { toErrorData } from "../../../../shared/errors.ts";

const files = {
  "roles/app/files/motd": "of the role\n",
  "files/motd": "of the playbook\n",
  "files/keys/a.pub": "A\n",
  "files/keys/b.pub": "B\n",
  "files/keys/.hidden.pub": "",
  "files/keys/c.txt": "C",
  "files/secret": "$ANSIBLE_VAULT;1.1;AES256\n00",
  "vars/debian.yml": "x: 1\n",
};
const variables: Record<string, Json> = {
  kind: "debian",
  users: [
    { name: "a", keys: ["k1", "k2"] },
    { name: "b", keys: [] },
  ],
};
const inTask = new Scope([variableLayer(variables)], projectFiles(files, ["roles/app", ""]));
const evaluate = (expression: string, scope = inTask) => compileTemplate(`{{ ${expression} }}`).evaluate(scope);

test.each<[string, Json]>([
  ["lookup('file', 'motd')", "of the role"],
  ["lookup('ansible.builtin.file', 'motd', rstrip=false)", "of the role\n"],
  ["query('file', 'motd', 'keys/a.pub')", ["of the role", "A"]],
  ["lookup('file', 'keys/a.pub', 'keys/b.pub')", "A,B"],
  ["query('fileglob', 'keys/*.pub')", ["files/keys/a.pub", "files/keys/b.pub"]],
  ["query('fileglob', 'keys/[!a].pub', 'none/*')", ["files/keys/b.pub"]],
  [
    "query('fileglob', 'keys/*.pub') | map('basename') | map('regex_replace', '^', 'keys/') | map('upper')",
    ["KEYS/A.PUB", "KEYS/B.PUB"],
  ],
  ["lookup('file', query('fileglob', 'keys/b*')[0])", "B"],
  ["lookup('first_found', [kind ~ '.yml', 'default.yml'])", "vars/debian.yml"],
  ["lookup('first_found', {'files': ['none', 'motd'], 'paths': ['files', 'other']})", "roles/app/files/motd"],
  ["query('first_found', {'files': 'none', 'skip': true})", []],
  [
    "query('subelements', users, 'keys')",
    [
      [{ name: "a" }, "k1"],
      [{ name: "a" }, "k2"],
    ],
  ],
  ["query('flattened', [1, [2, [3, none]]], 4)", [1, 2, 3, 4]],
  ["query('sequence', 'start=1 end=3 format=disk%02d')", ["disk01", "disk02", "disk03"]],
  ["lookup('file', 'none', errors='ignore')", null],
])("%s", (expression, value) => {
  expect(evaluate(expression)).toEqual(value);
});

describe("what cannot be looked up says what to write instead", () => {
  test.each<[string, string, string | undefined]>([
    [
      "lookup('file', 'none')",
      "the project has no file 'none': looked for roles/app/files/none, roles/app/none, files/none, none",
      "text files in files/ beside the playbook or in its role are sent with it",
    ],
    ["lookup('file', 'secret')", "files/secret is encrypted", "keep the secret in a variable of a vault"],
    [
      "lookup('first_found', 'a', 'b')",
      "the project has none of these files: a, b",
      "add one that is always there, or skip: true",
    ],
    ["lookup('file', 'motd', strip=true)", "the lookup 'file' has no argument 'strip'", "it has lstrip, rstrip"],
    ["query('sequence', 'start=5 end=1')", "'sequence' counts backwards: make stride negative", undefined],
    ["query('fiel', 'x')", "there is no lookup 'fiel'", "did you mean 'file'?"],
    [
      "lookup('password', '/tmp/x')",
      "the lookup 'password' reads what may be different tomorrow",
      "keep the password in a variable of a vault",
    ],
    [
      "lookup('nested', range(1000), range(1000), range(1000))",
      "it takes more than 5000000 steps",
      "make it smaller, or split it over several variables",
    ],
  ])("%s", (expression, reason, hint) => {
    let told: unknown;
    try {
      told = evaluate(expression);
    } catch (error) {
      told = toErrorData(error);
    }
    expect(told).toMatchObject({
      code: "bad_template",
      message: expect.stringContaining(`: ${reason}`),
      ...(hint === undefined ? {} : { hint }),
    });
  });

  test("files are a task's: there are none before one", () => {
    expect(() => evaluate("lookup('file', 'motd')", new Scope([]))).toThrow("there is no task here");
  });
});
