import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as keywords from "../../../controller/project/keywords.ts";
import { moduleNames, namesAt, schemaOf } from "../../../controller/project/modules.ts";
import type { Draw } from "../../contract/walks/draw.ts";
import { vaultFile, vaultValue } from "../vault-texts.ts";
import { template } from "./expressions.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

function filesBelow(folder: string): Record<string, string> {
  const found = readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ya?ml|j2)$/.test(entry.name))
    .map((entry) => `${entry.parentPath}/${entry.name}`);
  const start = `${root}${folder}/`.length;
  return Object.fromEntries(found.sort().map((path) => [path.slice(start), readFileSync(path, "utf8")]));
}

/** Projects as people write them, and as the tests have them: their files by path. */
export const realProjects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  walkthrough: filesBelow("playbooks"),
  compared: filesBelow("test/integration/ansible/playbooks"),
  files: filesBelow("test/integration/ansible/files"),
  wild: filesBelow("test/integration/ansible/wild"),
  vault: {
    "p.yml": `- hosts: all\n  vars:\n    a: ${vaultValue}\n  vars_files: [secrets.yml]\n`,
    "secrets.yml": vaultFile,
  },
};

/** Every name that a keyword table has, whatever it is for: tables that are still to come are among them. */
const allKeywords = [
  ...new Set(
    Object.values(keywords).flatMap((table: unknown) =>
      table instanceof Set || Array.isArray(table)
        ? [...table].filter((name) => typeof name === "string")
        : typeof table === "object" && table !== null
          ? Object.keys(table)
          : [],
    ),
  ),
  ...[
    "block",
    "rescue",
    "always",
    "meta",
    "listen",
    "include_tasks",
    "import_tasks",
    "include_role",
    "import_role",
    "import_playbook",
  ],
  ...[
    "with_items",
    "with_dict",
    "with_nested",
    "with_fileglob",
    "include_vars",
    "local_action",
    "apply",
    "role",
    "roles",
  ],
];

const scalars = [
  "",
  "~",
  "0",
  "-1",
  "1.5",
  "1e400",
  "yes",
  "true",
  "no",
  "text",
  "all",
  "25%",
  "h1,h2",
  "'quoted'",
  "0644",
  '"0644"',
  "/etc/x",
  "a=b c=d",
  "u=rwx",
  "10.0.0.1",
  "nqn.x",
  "!vault x",
  "!unsafe '{{ x }}'",
  "[]",
  "{}",
  "[1, [2]]",
  "{a: 1}",
  "{__proto__: {x: 1}}",
  "[a, {b: c}, null]",
  "*a",
  "&a x",
  "2026-01-01",
  "flush_handlers",
  "linear",
  "tasks.yml",
  "r",
];

/** A value of any sort, mostly the wrong one; on its own line, or below its key. */
function value(draw: Draw, indent: string, depth: number): string {
  if (draw.chance(0.25)) return ` ${JSON.stringify(template(draw, 2))}\n`;
  if (depth <= 0 || draw.chance(0.6)) return ` ${draw.pick(scalars)}\n`;
  if (draw.chance(0.5)) return `\n${entries(draw, `${indent}  `, depth - 1, allKeywords)}`;
  return `\n${Array.from({ length: 1 + draw.upTo(2) }, () => `${indent}  -${value(draw, `${indent}  `, depth - 1)}`).join("")}`;
}

function entries(draw: Draw, indent: string, depth: number, names: readonly string[]): string {
  return Array.from(
    { length: 1 + draw.upTo(3) },
    () => `${indent}${draw.pick(names)}:${value(draw, indent, depth)}`,
  ).join("");
}

/** A task of any module with its own arguments, some wrong, and keywords beside it. */
function task(draw: Draw, indent: string, depth: number): string {
  const rest = `${indent}  `;
  const keys = draw.chance(0.6) ? entries(draw, rest, 1, allKeywords) : "";
  if (depth > 0 && draw.chance(0.2)) {
    return `${indent}- block:\n${task(draw, `${rest}  `, depth - 1)}${rest}rescue:\n${task(draw, `${rest}  `, depth - 1)}${keys}`;
  }
  const module = draw.pick(moduleNames);
  const names = namesAt(schemaOf(module), []);
  const fields = names.length === 0 ? allKeywords : names;
  const args = draw.weighted<() => string>([
    [4, () => `\n${entries(draw, `${rest}  `, 1, fields)}`],
    [2, () => value(draw, rest, 1)],
    [1, () => ` ${draw.pick(fields)}=${draw.pick(scalars)} ${JSON.stringify(template(draw, 1))}\n`],
  ])();
  return `${indent}- ${draw.chance(0.3) ? "ansible.builtin." : ""}${module}:${args}${keys}`;
}

/** A playbook that the grammar makes: known names everywhere, values of any sort. */
export function playbook(draw: Draw): string {
  const plays = Array.from({ length: 1 + draw.upTo(1) }, () => {
    const keys = draw.chance(0.7) ? entries(draw, "  ", 2, allKeywords) : "";
    const tasks = Array.from({ length: 1 + draw.upTo(2) }, () => task(draw, "    ", 2)).join("");
    return `- hosts:${draw.chance(0.8) ? " all\n" : value(draw, "  ", 1)}${keys}  tasks:\n${tasks}`;
  });
  return plays.join("");
}
