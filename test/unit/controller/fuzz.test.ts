import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInventory } from "../../../controller/inventory/parse-inventory.ts";
import { matchHosts } from "../../../controller/inventory/patterns.ts";
import { loadProject } from "../../../controller/project/load-project.ts";
import { Scope, valueLayer } from "../../../controller/template/scope.ts";
import { compileExpression, compileTemplate } from "../../../controller/template/template.ts";
import { type ErrorData, FlashfleetError, toErrorData } from "../../../shared/errors.ts";
import { vaultFile } from "../../support/vault-texts.ts";

/** Inputs of each sort; more on request: FLASHFLEET_FUZZ=100000. */
const runs = Number(process.env.FLASHFLEET_FUZZ ?? 1500);
const slowest = 2_000;
const timeout = Math.max(20_000, runs * 20);

const seeds = [
  "all:\n  hosts:\n    flash[01:04]: {port: 4420}\n  children:\n    web: {hosts: {w1: }, vars: {x: '{{ y | default(1) }}'}}\n",
  "a: &a {b: 1, <<: *a}\nc: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3030\n",
  "[web]\nw[1:3] x='1 2' y=[1, {'a': None}]\n[web:vars]\nz = \"a\\n\" # b\n[top:children]\nweb\n",
  '- hosts: web:&db\n  vars: {x: 1}\n  tasks:\n    - name: t\n      debug: msg="{{ x }}"\n      when: x is defined\n',
  '{"all": {"hosts": {"a": {"b": [1, 2.5, null]}}}}',
  vaultFile,
];
const crumbs = [
  ...[
    "\n",
    "\t",
    " ",
    "  ",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "{{",
    "}}",
    "{%",
    "#",
    "'",
    '"',
    "\\",
    "&a",
    "*a",
    "<<",
    "!vault",
    "!!int",
  ],
  ...[
    "|",
    ">",
    "---",
    "...",
    "%YAML",
    "\0",
    "\ud800",
    "é",
    "\u2028",
    "\r",
    "=",
    ",",
    "~",
    "@",
    "0x",
    "1e999",
    "[1:",
    ":9]",
    "a[0:",
  ],
  ...[
    "all",
    "hosts",
    "children",
    "vars",
    "[a:vars]",
    "[a:children]",
    "$ANSIBLE_VAULT;",
    "ansible_group_priority",
    "__proto__",
  ],
  ...[
    "(",
    ")",
    "|map(",
    "is ",
    "not ",
    " if ",
    " else ",
    "**",
    "//",
    "range(9)",
    "~(a+)+$",
    "[!]",
    "constructor",
    "'a' * 9999",
  ],
];
const crumb = fc.oneof(fc.constantFrom(...crumbs), fc.string({ unit: "binary", maxLength: 4 }));

/** A text that is nearly right, or nothing of the kind. */
function near(texts: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.nat(), fc.nat(12), crumb);
  const mutated = fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([text, edits]) =>
      edits.reduce((whole, [at, length, put]) => {
        const from = at % (whole.length + 1);
        return whole.slice(0, from) + put + whole.slice(from + length);
      }, text),
    );
  return fc.oneof(
    { weight: 4, arbitrary: mutated },
    fc.array(crumb, { maxLength: 30 }).map((parts) => parts.join("")),
  );
}

/** Every error is ours, and says where it stands; nothing takes long. */
function judge(work: () => readonly ErrorData[] | undefined): void {
  const started = performance.now();
  for (const error of errorsOf(work)) {
    expect(error.code).not.toBe("internal");
    expect(error.message).toMatch(/^(cannot|no) /);
    if (!isPlaceless(error)) expect(error.place).toMatch(/^[^\n]*?\d+:\d+$/);
  }
  expect(performance.now() - started).toBeLessThan(slowest);
}

function errorsOf(work: () => readonly ErrorData[] | undefined): readonly ErrorData[] {
  try {
    return work() ?? [];
  } catch (error) {
    if (error instanceof FlashfleetError) return [toErrorData(error)];
    throw error;
  }
}

/** A pattern, and what several files say together, stand in no file. */
function isPlaceless({ code, message }: ErrorData): boolean {
  return code === "bad_argument" || code === "no_hosts" || message.includes("is its own child");
}

const check = <T>(inputs: fc.Arbitrary<T>, work: (input: T) => readonly ErrorData[] | undefined) =>
  fc.assert(
    fc.property(inputs, (input) => judge(() => work(input))),
    { numRuns: runs },
  );

describe("whatever people's files hold, it is read or told with its place, and soon", () => {
  test(
    "inventories",
    () => {
      check(fc.tuple(near(seeds), fc.constantFrom("hosts", "hosts.yml", "group_vars/all.yml")), ([text, path]) => {
        const files = { "h.yml": "all: {hosts: {a: }}", [path]: text };
        return parseInventory({ files, sources: path.startsWith("group_vars") ? ["h.yml"] : [path] }).problems;
      });
    },
    timeout,
  );

  test(
    "playbooks",
    () => {
      check(near(seeds), (text) => {
        const loaded = loadProject({ files: { "p.yml": text }, playbooks: ["p.yml"], inventories: [] });
        return loaded.ok ? [] : loaded.errors;
      });
    },
    timeout,
  );

  const { inventory } = parseInventory({
    files: { h: "[web]\nw[1:40]\n[db]\nd1.example.com\nw1\n[rack-1:children]\nweb\n" },
    sources: ["h"],
  });
  const patterns = ["web:&db:!w1", "w*[0:3],~w\\d+$", "@file", "rack-?[-1]", "fe80::1", "[wd]*:![!w]*", "~(w|d)+x*"];

  test(
    "patterns",
    () => {
      check(fc.tuple(near(patterns), fc.option(near(patterns))), ([pattern, limit]) => {
        const { hosts } = matchHosts(pattern, inventory, { limit: limit ?? undefined });
        expect(hosts.filter((host) => !inventory.hosts.has(host))).toEqual([]);
        expect(new Set(hosts).size).toBe(hosts.length);
        return [];
      });
    },
    timeout,
  );

  const expressions = [
    "{{ a.b[0] | default('x') | upper }}",
    "{{ list | map('int') | select('gt', 1) | join(', ') }}",
    "{{ 'a' ~ 1 if a is defined and a in list else omit }}",
    "{{ text | regex_replace('(a+)+$', '\\\\1') }} {# note #} {% raw %}{{{% endraw %}",
    "{{ {'a': [1, 2.5, None]} | combine({'b': -1 ** 2}) | to_json }}",
  ];

  test(
    "templates and expressions",
    () => {
      const scope = new Scope([valueLayer({ a: { b: [1] }, list: ["1", "2"], text: "a".repeat(50) })]);
      check(fc.tuple(near(expressions), fc.boolean()), ([text, isBare]) => {
        if (isBare) compileExpression(text.replace(/^\{\{/, "")).evaluate(scope);
        else compileTemplate(text).evaluate(scope);
        return [];
      });
    },
    timeout,
  );
});
