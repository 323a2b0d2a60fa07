import { test } from "vitest";
import { parseInventory } from "../../../../controller/inventory/parse-inventory.ts";
import { matchHosts } from "../../../../controller/inventory/patterns.ts";
import { adhocPlaybook } from "../../../../controller/project/adhoc.ts";
import { parseKeyValues } from "../../../../controller/project/key-values.ts";
import { loadProject } from "../../../../controller/project/load-project.ts";
import { moduleNames, namesAt, schemaOf } from "../../../../controller/project/modules.ts";
import { unlock } from "../../../../controller/project/vault/keyring.ts";
import type { Draw } from "../../../contract/walks/draw.ts";
import { template } from "../../../support/fuzz/expressions.ts";
import { fuzz, fuzzTimeout, type Input } from "../../../support/fuzz/fuzz.ts";
import { errorsOf, expectGoodErrors, expectUnharmed } from "../../../support/fuzz/judge.ts";
import { crumb, mutated, rubbish } from "../../../support/fuzz/mutate.ts";
import { prodFile, vaultFile, vaultValue } from "../../../support/vault-texts.ts";

const { inventory } = parseInventory({
  files: { h: "[web]\nw[1:40]\n[db]\nd1.example.com\nw1\n[rack-1:children]\nweb\n" },
  sources: ["h"],
});

const patterns = [
  "web:&db:!w1",
  "w*[0:3],~w\\d+$",
  "@file",
  "rack-?[-1]",
  "fe80::1",
  "[wd]*:![!w]*",
  "~(w|d)+x*",
  "web[2:]",
  "all",
  "*.example.com",
  "w*w*w*w*w*1",
  "~(a*)*$",
  "web[99999999999]",
  "db,,web",
  "",
];

function pattern(draw: Draw): Input {
  const text = () => (draw.chance(0.8) ? mutated(draw.pick(patterns), draw) : rubbish(draw));
  return draw.chance(0.5) ? { pattern: text() } : { pattern: "all", limit: text() };
}

function judgePattern(input: Input): void {
  const errors = errorsOf(() => {
    const { hosts } = matchHosts(input.pattern ?? "", inventory, { limit: input.limit });
    const strangers = hosts.filter((host) => !inventory.hosts.has(host));
    if (strangers.length > 0) throw new Error(`it matches ${strangers[0]}, which there is not`);
    if (new Set(hosts).size !== hosts.length) throw new Error("it matches a host twice");
    return [];
  });
  // A pattern is a word of the command line, which is told whole.
  expectGoodErrors(errors, input, ({ code }) => code === "bad_argument" || code === "no_hosts");
}

function adhoc(draw: Draw): Input {
  const module = draw.chance(0.9) ? draw.pick(moduleNames) : draw.pick(["nothing", "__proto__", "constructor", ""]);
  const names = draw.chance(0.9) && moduleNames.some((each) => each === module) ? namesOf(module) : ["x", "__proto__"];
  const word = () =>
    draw.weighted<() => string>([
      [
        4,
        () =>
          `${draw.pick(names)}=${draw.chance(0.5) ? template(draw, 1) : draw.pick(["1", "'a b'", '"a', "[1", '{"a": 1}', "yes", "", "=", "é"])}`,
      ],
      [1, () => crumb(draw)],
      [1, () => `{"${draw.pick(names)}": ${draw.pick(["1", "[]", "{}", '"x"', "null", "{"])}}`],
    ])();
  const words = Array.from({ length: draw.upTo(3) }, word);
  return { module, line: draw.chance(0.5) ? words.join(" ") : mutated(words.join(" ") || "a=b", draw) };
}

function namesOf(module: string): string[] {
  const known = moduleNames.find((each) => each === module);
  const names = known === undefined ? [] : namesAt(schemaOf(known), []);
  return names.length === 0 ? ["x"] : names;
}

function judgeAdhoc({ module = "", line = "" }: Input): void {
  const asLine = errorsOf(() => {
    parseKeyValues(line, ["a", "chdir"], "cmd");
    adhocPlaybook({ pattern: "all", module, line });
    return [];
  });
  const asWords = errorsOf(() => {
    adhocPlaybook({ pattern: "all", module, words: line.split(" ") });
    return [];
  });
  // They are told whole; a place is that within an argument's own text.
  expectGoodErrors([...asLine, ...asWords], { line }, () => true);
}

function extraVars(draw: Draw): Input {
  return { "-e x": draw.chance(0.7) ? template(draw, 2) : mutated(template(draw, 1), draw) };
}

function judgeExtraVars(input: Input): void {
  const value = input["-e x"] ?? "";
  const files = { "p.yml": '- hosts: "{{ x }}"\n  vars_files: ["{{ x }}"]\n  tasks:\n    - import_tasks: "{{ x }}"\n' };
  const loaded = loadProject({ files, playbooks: ["p.yml"], inventories: [], extraVars: { x: value } });
  expectGoodErrors(loaded.ok ? [] : loaded.errors, { ...files, ...input });
}

function vaultText(draw: Draw): Input {
  return { vault: mutated(draw.pick([vaultFile, prodFile, vaultValue]), draw) };
}

/** Nobody has the password: it is damaged, or locked. */
function judgeVault({ vault = "" }: Input): void {
  const unlocked = unlock(vault, undefined);
  if (unlocked.is === "open" || unlocked.reason === "") throw new Error("it opens without a password");
  expectUnharmed();
}

const sorts = [
  [
    "a pattern matches hosts that there are, once, or it is told what is wrong",
    { make: pattern, judge: judgePattern },
    0.05,
  ],
  ["the arguments of an ad hoc task are read, or it is told what is wrong", { make: adhoc, judge: judgeAdhoc }, 0.04],
  ["a variable of the command line is read, or told with its place", { make: extraVars, judge: judgeExtraVars }, 0.04],
  ["a vault's text is locked, or told to be damaged", { make: vaultText, judge: judgeVault }, 0.02],
] as const;

for (const [name, sort, share] of sorts) test(name, { timeout: fuzzTimeout(share) }, () => fuzz(sort, share));
