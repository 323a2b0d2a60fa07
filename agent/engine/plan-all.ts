import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import { joinPlans, type Kind, type Memory, type Plan, type Wanted } from "../kinds/kind.ts";
import { everything, type Focus, joinFocus, nothing } from "../observe/focus.ts";
import type { Section, Seen } from "../observe/observed.ts";
import { phases, type Step } from "./step.ts";

export type Kinds = { readonly [K in KindName]: Kind<K> };

/** The kinds that have a part in reaching goals of these kinds, in the table's order. */
export function concerned(kinds: Kinds, goals: ReadonlySet<KindName>): Kind<KindName>[] {
  return Object.entries(kinds)
    .filter(([name, kind]) =>
      [name, ...(kind.alsoPlans ?? [])].some((each) => [...goals].some((goal) => goal === each)),
    )
    .map(([, kind]) => kind);
}

/** The sections of an observation that these kinds read for these goals. */
export function sectionsOf(kinds: readonly Kind<KindName>[], wanted: Wanted): Section[] {
  return [...new Set(kinds.flatMap((kind) => [...kind.sees, ...(kind.needs?.(wanted) ?? [])]))];
}

/** What of these sections these kinds look at for these goals. */
export function focusOf(kinds: readonly Kind<KindName>[], wanted: Wanted): Focus {
  return kinds.reduce((so, kind) => joinFocus(so, kind.focus?.(wanted) ?? everything), nothing);
}

/** The plans of all concerned kinds as one: steps in the order of the phases, each once. */
export function planAll(kinds: readonly Kind<KindName>[], wanted: Wanted, seen: Seen<Section>, memory: Memory): Plan {
  const plan = joinPlans(kinds.map((kind) => kind.plan(wanted, seen, memory)));
  return { ...plan, steps: inOrder(once(plan.steps)) };
}

/** Two goals may each bring the same first step: a module to load, a host to create. */
function once(steps: readonly Step[]): Step[] {
  const byOps = new Map<string, Step>();
  for (const step of steps) {
    const ops = opsKey(step);
    if (!byOps.has(ops)) byOps.set(ops, step);
  }
  return [...byOps.values()];
}

/** Tells steps apart by what they do. Secrets serialise alike: two steps that differ in a key alone are the same write. */
export function opsKey({ ops }: Step): string {
  return JSON.stringify(ops);
}

/** Stable: within a phase, the order in which they were planned. */
function inOrder(steps: readonly Step[]): Step[] {
  return steps.toSorted((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase));
}
