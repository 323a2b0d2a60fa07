import type { ErrorData } from "../../shared/errors.ts";
import type { KindName, ResourceOf } from "../../shared/modules/kinds/kinds.ts";
import type { SecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { Secret } from "../../shared/secret.ts";
import type { OwnedKey, Step } from "../engine/step.ts";
import type { Focus } from "../observe/focus.ts";
import type { Section, Seen } from "../observe/observed.ts";

/** An entry of the spec as a planner reads it. */
export interface Goal<K extends KindName = KindName> {
  kind: K;
  /** `nvmet_port tcp 10.0.0.1:4420`: how steps, waits and refusals name it. */
  key: string;
  state: "present" | "absent";
  resource: ResourceOf<K>;
}

/** What is to be reached now, and the rest of the spec around it. */
export interface Wanted {
  /** The entries to converge: those of an edit, or all of them at boot. */
  goals<K extends KindName>(kind: K): readonly Goal<K>[];
  /** Every present entry of a kind, in the candidate spec. */
  spec<K extends KindName>(kind: K): readonly ResourceOf<K>[];
}

/** What the first convergence fixed, so that a reboot or a lost drive cannot put another thing in its place. */
export interface Pin {
  /** As the spec named it then. */
  device?: string | undefined;
  wwid?: string | undefined;
  serial?: string | undefined;
  size?: number | undefined;
  uuid?: string | undefined;
  nguid?: string | undefined;
}

/** What the agent knows beside what it sees. */
export interface Memory {
  node: string;
  owned: ReadonlySet<OwnedKey>;
  pins: Readonly<Record<string, Pin>>;
  /** The value of a reference; undefined where the node was never given it. */
  secret(ref: SecretRef): Secret | undefined;
  /** Drawn once per convergence, for an identity that is made for the first time. */
  freshUuid: string;
}

/** Something that is not there yet, and may come without our doing: a device, an address, a state. */
export interface Wait {
  resource: string;
  says: string;
  /** Needed before anything is begun: a task is refused without it; what is restored after a boot waits for it. */
  preflight?: true;
  /** What it becomes when nobody wants to wait any longer. */
  error: ErrorData;
}

export interface Refusal {
  resource: string;
  error: ErrorData;
}

export interface Plan {
  steps: Step[];
  waits: Wait[];
  refusals: Refusal[];
  /** Recorded when the goals are reached. */
  pins: Record<string, Pin>;
}

/** A kind of resource: two pure functions over one observation, and what a task gets to see of the resource. */
export interface Kind<K extends KindName, S extends Section = Section> {
  sees: readonly S[];
  /** Sections that only some goals need, and that are dear to read. */
  needs?(wanted: Wanted): readonly Section[];
  /** What its planner and its result look at beyond names. Without it: everything. */
  focus?(wanted: Wanted): Partial<Focus>;
  /** Kinds beside its own whose goals it plans a part of. */
  alsoPlans?: readonly KindName[];
  /** Everything of this kind that the node has, declared or not. */
  current(seen: Seen<S>): ResourceOf<K>[];
  plan(wanted: Wanted, seen: Seen<S>, memory: Memory): Plan;
  /** What `register` holds after the task; in a check, as far as it can be known before. */
  result(resource: ResourceOf<K>, seen: Seen<S>, memory: Memory): Json;
}

export function emptyPlan(): Plan {
  return { steps: [], waits: [], refusals: [], pins: {} };
}

/** Plans laid behind one another; the engine sorts the steps. */
export function joinPlans(plans: readonly Plan[]): Plan {
  return {
    steps: plans.flatMap((plan) => plan.steps),
    waits: plans.flatMap((plan) => plan.waits),
    refusals: plans.flatMap((plan) => plan.refusals),
    pins: Object.assign({}, ...plans.map((plan) => plan.pins)),
  };
}
