import type { ActionContext } from "../action.ts";
import type { Fate } from "../foreseen.ts";
import { splitSpec } from "./dpkg.ts";
import type { Transaction } from "./simulated.ts";

/** What a check asks the package manager about, and what it knows from its own earlier tasks. */
export interface Foreseeing {
  real: readonly string[];
  /** By name: whether it would be installed, where an earlier task of the check did the contrary. */
  known: ReadonlyMap<string, boolean>;
}

/** Whether a package would be there by now, where earlier tasks of a check had to do with it. */
export function installedByNow(name: string, { checking }: ActionContext): boolean | undefined {
  const fate = checking?.foreseen.packages.get(name);
  return fate === undefined ? undefined : fate === "installed";
}

/** Of what earlier tasks of the check changed, the node's own package manager does not know. */
export function foreseeing(specs: readonly string[], state: string, context: ActionContext): Foreseeing {
  const known = specs.map((spec) => splitSpec(spec).name).filter((name) => installedByNow(name, context) !== undefined);
  return {
    real: specs.filter((spec) => !known.includes(splitSpec(spec).name)),
    known: new Map(known.map((name) => [name, state !== "absent"])),
  };
}

/** For the later tasks of the check: what was named, and what comes or goes along with it. */
export function rememberForeseen(
  specs: readonly string[],
  { installs, removes }: Transaction,
  gone: Exclude<Fate, "installed"> | undefined,
  { checking }: ActionContext,
): void {
  const remember = (name: string, fate: Fate) => checking?.foreseen.packages.set(name.split(":", 1)[0] ?? name, fate);
  for (const name of installs.keys()) remember(name, "installed");
  for (const name of removes.keys()) remember(name, gone ?? "removed");
  for (const spec of specs) remember(splitSpec(spec).name, gone ?? "installed");
}
