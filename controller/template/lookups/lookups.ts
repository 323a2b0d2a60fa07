import type { Evaluator } from "../evaluation.ts";
import { didYouMean } from "../suggest.ts";
import { onlyArguments, takeText, takeYes } from "../take.ts";
import { Refusal, type Value } from "../value.ts";
import { fileLookups } from "./files.ts";
import { listLookups } from "./lists.ts";
import { type LookupOptions, type Lookups, option } from "./lookup.ts";
import { sequenceLookups } from "./sequence.ts";
import { tableLookups } from "./tables.ts";
import { templateLookups } from "./templates.ts";
import { variableLookups } from "./variables.ts";

/** Every lookup by its name: those that give the same tomorrow. */
export const lookups: Lookups = {
  ...listLookups,
  ...sequenceLookups,
  ...fileLookups,
  ...templateLookups,
  ...tableLookups,
  ...variableLookups,
};

const onNode = "run it as a task: command with register";

/** Lookups of Ansible's that are no part of a run that is the same tomorrow, with what to write instead. */
export const refusedLookups: Readonly<Record<string, string>> = {
  config: "give the value as a variable: -e name=value",
  env: "give the value as a variable: -e name=value",
  inventory_hostnames: "use groups: groups['targets'] | difference(groups['spare'])",
  lines: onNode,
  password: "keep the password in a variable of a vault",
  pipe: onNode,
  random_choice: "choose by a value that stays: list[index % (list | length)]",
  unvault: "keep the secret in a variable of a vault: it is opened when the run begins",
  url: onNode,
};

/** The lookup's own name: `ansible.builtin.` before it says nothing. */
function ownName(name: string): string {
  return name.replace(/^(ansible\.(builtin|legacy)|community\.general)\./, "");
}

/** Why there is no such lookup, and what to write instead; undefined where there is one. */
export function refusedLookup(name: string): Refusal | undefined {
  const own = ownName(name);
  if (Object.hasOwn(lookups, own)) return undefined;
  const instead = Object.hasOwn(refusedLookups, own) ? refusedLookups[own] : undefined;
  return instead === undefined
    ? new Refusal(`there is no lookup '${name}'`, didYouMean(own, Object.keys(lookups)))
    : new Refusal(`the lookup '${name}' reads what may be different tomorrow`, instead);
}

/** What a lookup finds for its terms, as a list. Throws a Refusal. */
export function findByLookup(
  name: string,
  terms: readonly Value[],
  options: LookupOptions,
  evaluator: Evaluator,
): readonly Value[] {
  const lookup = Object.hasOwn(lookups, ownName(name)) ? lookups[ownName(name)] : undefined;
  if (lookup === undefined) throw refusedLookup(name) ?? new Refusal(`there is no lookup '${name}'`);
  onlyArguments({ positional: [], named: options }, `the lookup '${name}'`, lookup.takes);
  evaluator.budget.spend(terms.length + 1);
  return lookup.finds(terms, options, evaluator);
}

/** `lookup(name, …)`: as Ansible has it, text joined by commas, one value as itself, more as a list; with wantlist a list. */
export function callLookup(
  [first, ...terms]: readonly Value[],
  { wantlist, errors, ...options }: LookupOptions,
  evaluator: Evaluator,
): Value {
  const wantsList = takeYes(wantlist, false);
  const forgives = option({ errors: errors ?? "strict" }, "errors") !== "strict";
  let found: readonly Value[];
  try {
    found = findByLookup(takeText(first, "the name of a lookup"), terms, options, evaluator);
  } catch (error) {
    if (!forgives || !(error instanceof Refusal)) throw error;
    return wantsList ? [] : null;
  }
  if (wantsList || found.length === 0) return found;
  if (found.every((each) => typeof each === "string")) return found.join(",");
  return found.length === 1 ? (found[0] ?? null) : found;
}
