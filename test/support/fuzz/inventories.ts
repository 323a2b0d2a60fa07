import type { Draw } from "../../contract/walks/draw.ts";
import { written } from "../../integration/ansible/written.ts";
import { vaultFile } from "../vault-texts.ts";

/** Inventories as operators have them. */
export const realInventories: readonly string[] = [
  ...Object.values(written).flatMap(({ files }) => Object.values(files)),
  vaultFile,
  '{"all": {"hosts": {"a": {"b": [1, 2.5, null]}}}}',
];

const names = [
  "web",
  "db",
  "all",
  "ungrouped",
  "a-b",
  "h1",
  "h[1:3]",
  "h[01:99:7]",
  "h[a:z]",
  "h[1:2]x[3:4]",
  "h[1:",
  "h[9:1]",
  "h[1:99999999]",
  "h[1:99][1:99][1:99]",
  "10.0.0.[1:9]",
  "fe80::1",
  "x.example.com:22",
  "__proto__",
  "constructor",
  "",
  "*",
  "ü",
  "a b",
];
const values = [
  "1",
  "-",
  "'a b'",
  '"a',
  "[1, 2",
  "{'a': None}",
  "0644",
  "(1,)",
  "r'x'",
  "b'x'",
  "1_0",
  "True",
  "{{ x }}",
  "{{ y | default(1) }",
  "a # b",
  "=",
  "\\",
  "'''",
  "1e999",
  "-".repeat(50),
  "[".repeat(500),
  "not not 1",
  "lambda: 1",
];
const variables = ["x", "ansible_host", "ansible_port", "ansible_group_priority", "a.b", "__proto__", "hosts", "1x"];

function assignment(draw: Draw): string {
  return `${draw.pick(variables)}${draw.pick(["=", " = ", ":", ""])}${draw.pick(values)}`;
}

/** In the INI form. */
export function iniInventory(draw: Draw): string {
  const line = () => `${draw.pick(names)} ${Array.from({ length: draw.upTo(3) }, () => assignment(draw)).join(" ")}`;
  return Array.from({ length: 1 + draw.upTo(8) }, () =>
    draw.weighted<() => string>([
      [5, line],
      [3, () => `[${draw.pick(names)}${draw.pick(["", "", ":vars", ":children", ":hosts", ":x", "]"])}]`],
      [3, () => assignment(draw)],
      [1, () => draw.pick(["", "# c", "; c", "[", "\t", "---"])],
    ])(),
  ).join(draw.pick(["\n", "\n", "\n", "\r\n"]));
}

/** In YAML. */
export function yamlInventory(draw: Draw, indent = "", depth = 5): string {
  const keys = ["hosts", "children", "vars", ...names, ...variables].map((name) =>
    /[[*:, ]|^$/.test(name) ? JSON.stringify(name) : name,
  );
  return Array.from({ length: 1 + draw.upTo(3) }, () => {
    const key = draw.chance(0.4) ? draw.pick(["all", "hosts", "children", "vars"]) : draw.pick(keys);
    if (depth > 0 && draw.chance(0.6)) return `${indent}${key}:\n${yamlInventory(draw, `${indent}  `, depth - 1)}`;
    return `${indent}${key}: ${draw.pick(["", "~", "1", "text", "[]", "{}", "[a]", "{a: }", '"{{ x }}"', "*a", "&a {b: }", "{<<: *a}"])}\n`;
  }).join("");
}
