import type { ErrorData } from "../../shared/errors.ts";
import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { parseInventory } from "../inventory/parse-inventory.ts";
import { matchHosts } from "../inventory/patterns.ts";
import { type CompiledValue, compileValue } from "../template/compiled-value.ts";
import type { Json } from "../template/value.ts";
import { readPlay } from "./play.ts";
import type { Playbook, VariableMap } from "./playbook.ts";
import { Reader } from "./reader.ts";
import { parseYaml } from "./yaml.ts";
import { describeNode } from "./yaml-node.ts";

export interface ProjectInput {
  /** Every file's text by its path, with `/` between its parts. */
  files: Readonly<Record<string, string>>;
  /** Paths of playbooks, in the order in which they run. */
  playbooks: readonly string[];
  /** What `-i` names; empty: the enrolled nodes. */
  inventories: readonly string[];
  /** `-e`: they win over all other variables, and may be templates. */
  extraVars?: Readonly<Record<string, Json>> | undefined;
  /** `--limit`. */
  limit?: string | undefined;
}

export interface Project {
  playbooks: readonly Playbook[];
  /** Undefined: the enrolled nodes. */
  inventory: Inventory | undefined;
  extraVars: VariableMap;
  limit: string | undefined;
}

export type LoadedProject = { ok: true; project: Project } | { ok: false; errors: readonly ErrorData[] };

/** Reads playbooks, inventories and variables, and checks all that can be checked before a run: every mistake at once. */
export function loadProject({ files, playbooks, inventories, extraVars = {}, limit }: ProjectInput): LoadedProject {
  const errors: ErrorData[] = [];
  const loaded = playbooks.flatMap((path) => loadPlaybook(files, path, errors) ?? []);
  const inventory = inventories.length === 0 ? undefined : loadInventory({ files, playbooks, inventories }, errors);
  const vars = compileExtraVars(extraVars, errors);
  if (inventory !== undefined && limit !== undefined) checkLimit(inventory, limit, files, errors);
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, project: { playbooks: loaded, inventory, extraVars: vars, limit } };
}

function loadPlaybook(files: ProjectInput["files"], path: string, errors: ErrorData[]): Playbook | undefined {
  const text = Object.hasOwn(files, path) ? files[path] : undefined;
  if (text === undefined) {
    errors.push({ code: "not_found", message: `cannot read the playbook '${path}': there is no such file` });
    return undefined;
  }
  const { file, root, problems } = parseYaml(path, text, "bad_playbook");
  errors.push(...problems);
  const reader = new Reader(file, path, errors);
  if (root === undefined)
    return problems.length > 0
      ? undefined
      : reader.problem(0, "it is empty", "a playbook is a list of plays: - hosts: all");
  if (root.is !== "list")
    return reader.problem(
      root.at,
      `a playbook is a list of plays, got ${describeNode(root)}`,
      "begin each play with a dash: - hosts: all",
    );
  return { file: path, plays: root.items.flatMap((node) => readPlay(reader, node) ?? []) };
}

function loadInventory(
  { files, playbooks, inventories }: Pick<ProjectInput, "files" | "playbooks" | "inventories">,
  errors: ErrorData[],
): Inventory {
  const playbookFolders = [
    ...new Set(playbooks.map((path) => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ""))),
  ];
  const { inventory, problems } = parseInventory({ files, sources: inventories, playbookFolders });
  errors.push(...problems);
  const owners = [...inventory.groups.values(), ...inventory.hosts.values()];
  for (const { variables } of owners) {
    for (const set of [variables.inline, variables.beside, variables.playbook]) {
      for (const name of set.templateNames()) collect(errors, () => set.get(name));
    }
  }
  return inventory;
}

function compileExtraVars(extraVars: Readonly<Record<string, Json>>, errors: ErrorData[]): VariableMap {
  const compiled = new Map<string, CompiledValue>();
  for (const [name, json] of Object.entries(extraVars)) {
    const value = collect(errors, () => compileValue(json, (_, offset) => `-e ${name}:1:${offset + 1}`));
    if (value !== undefined) compiled.set(name, value);
  }
  return compiled;
}

function checkLimit(inventory: Inventory, limit: string, files: ProjectInput["files"], errors: ErrorData[]): void {
  collect(errors, () =>
    matchHosts("all", inventory, { limit, readFile: (path) => (Object.hasOwn(files, path) ? files[path] : undefined) }),
  );
}

function collect<T>(errors: ErrorData[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FlashfleetError)) throw error;
    errors.push(toErrorData(error));
    return undefined;
  }
}
