import type { ErrorData } from "../../shared/errors.ts";
import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { parseInventory } from "../inventory/parse-inventory.ts";
import { matchHosts } from "../inventory/patterns.ts";
import {
  type CompiledValue,
  compileConstant,
  compiledLayer,
  compileValue,
  type PlaceAt,
} from "../template/compiled-value.ts";
import { placeInText } from "../template/problem.ts";
import { Scope } from "../template/scope.ts";
import type { Json } from "../template/value.ts";
import { valueAt } from "./argument-issues.ts";
import { nothingInherited } from "./inherit.ts";
import { loadPlaybook } from "./load-playbook.ts";
import type { Playbook, VariableMap } from "./playbook.ts";
import type { Keyring } from "./vault/keyring.ts";

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
  /** What people said to the `vars_prompt` of the plays, which count from 0 over all playbooks. */
  answers?: readonly Answer[] | undefined;
  /** Opens what a vault encrypted; left out where no password was given. */
  keyring?: Keyring | undefined;
}

interface Answer {
  play: number;
  name: string;
  value: Json;
}

export interface Project {
  playbooks: readonly Playbook[];
  /** Undefined: the enrolled nodes. */
  inventory: Inventory | undefined;
  extraVars: VariableMap;
  limit: string | undefined;
  /** What people should look at, and is read all the same. */
  warnings: readonly ErrorData[];
}

export type LoadedProject = { ok: true; project: Project } | { ok: false; errors: readonly ErrorData[] };

/** Reads playbooks, inventories and variables, and checks all that can be checked before a run: every mistake at once. */
export function loadProject(input: ProjectInput): LoadedProject {
  const { files, playbooks, inventories, extraVars = {}, limit, keyring } = input;
  const errors: ErrorData[] = [];
  const warnings: ErrorData[] = [];
  const vars = compileExtraVars(extraVars, errors);
  const source = { files, inherited: nothingInherited, scope: new Scope([compiledLayer(vars)]), keyring };
  const loaded = withAnswers(
    playbooks.map((path) => loadPlaybook(path, source, errors)),
    input.answers ?? [],
  );
  const inventory = inventories.length === 0 ? undefined : loadInventory(input, errors, warnings);
  if (inventory !== undefined && limit !== undefined) checkLimit(inventory, limit, files, errors);
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, project: { playbooks: loaded, inventory, extraVars: vars, limit, warnings } };
}

/** A play's variables with what was said to its questions: a template, unless the question is `unsafe`. */
function withAnswers(playbooks: readonly Playbook[], answers: readonly Answer[]): Playbook[] {
  if (answers.length === 0) return [...playbooks];
  let count = 0;
  return playbooks.map((playbook) => ({
    ...playbook,
    plays: playbook.plays.map((play) => {
      const index = count++;
      const own = answers.filter((answer) => answer.play === index);
      const vars = own.map(({ name, value }): [string, CompiledValue] => {
        const isUnsafe = play.prompts.some((prompt) => prompt.name === name && prompt.isUnsafe);
        return [name, isUnsafe ? compileConstant(value) : compileValue(value)];
      });
      return own.length === 0 ? play : { ...play, vars: new Map([...play.vars, ...vars]) };
    }),
  }));
}

function loadInventory(
  { files, playbooks, inventories, keyring }: ProjectInput,
  errors: ErrorData[],
  warnings: ErrorData[],
): Inventory {
  const playbookFolders = [
    ...new Set(playbooks.map((path) => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ""))),
  ];
  const parsed = parseInventory({ files, sources: inventories, playbookFolders, keyring });
  const { inventory } = parsed;
  errors.push(...parsed.problems);
  warnings.push(...parsed.warnings);
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
    const placeAt: PlaceAt = (path, offset) => {
      const text = valueAt(json, path);
      return `-e ${name}:${placeInText(typeof text === "string" ? text : "")(offset)}`;
    };
    const value = collect(errors, () => compileValue(json, placeAt));
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
