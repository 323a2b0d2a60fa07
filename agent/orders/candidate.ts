import type { Clock } from "../../shared/clock.ts";
import { FlashfleetError, toErrorData } from "../../shared/errors.ts";
import { isSameJson } from "../../shared/protocol/canonical.ts";
import { costs } from "../../shared/protocol/cost.ts";
import { applyEdit, inverse, settle } from "../../shared/protocol/edit.ts";
import type { Edit, Spec } from "../../shared/protocol/spec.ts";
import { converge, type Workshop } from "../engine/converge.ts";
import type { OwnedKey } from "../engine/step.ts";
import { goalsOf } from "../engine/wanted.ts";
import type { Observation } from "../observe/observe.ts";
import type { Cell, Store } from "../store/store.ts";
import type { Converge } from "./check.ts";
import type { Answer, Job, Progress } from "./orders.ts";

/** Milliseconds that a candidate may wait for what is not there: a device, an address, a path that comes up. */
const patience = 15_000;
/** Milliseconds kept back from the order's time for the way back. */
const undoReserve = 10_000;

interface Bench {
  shop: Workshop;
  store: Store;
  clock: Clock;
}

/** Told what the node has after a candidate was reached. Nobody is where the node is only a trial. */
export interface Learner {
  learn?(observation: Observation): void;
}

/**
 * Takes an edit of the spec as a candidate: reached, it becomes the spec; not reached, it is undone by the inverse of the
 * same keys. Of what was there before, only as far as that costs nobody anything; of what this edit made itself, all.
 */
export async function takeCandidate(
  bench: Bench & Learner,
  { edit, subject, consent, leave, millis }: Converge & { millis: number },
  { progress, effect }: Pick<Job, "progress" | "effect">,
): Promise<Answer> {
  const { shop, store, clock } = bench;
  const spec = store.spec.get();
  if (edit.base !== spec.generation) throw stale(edit, spec);
  const candidate = applyEdit(spec, edit);
  const end = clock.now() + millis;
  const owned = new Set(shop.memory().owned);
  const reached = await converge(shop, {
    goals: goalsOf(edit.set),
    subject,
    spec: candidate,
    costs: consent?.costs ?? costs,
    overrides: new Set(consent?.overrides ?? []),
    deadline: end - Math.min(undoReserve, millis / 4),
    preflight: true,
    patience: Math.min(patience, millis / 2),
    beforeStep: effect,
    onStep: ({ says }) => progress(says),
    onWait: ({ says }) => progress(`waiting for ${says}`),
  });
  const { outcome, steps, error, result } = reached;
  if (outcome === "ok" || outcome === "changed") {
    await keep(store.pins, withPins(store, reached.pins, edit));
    // An edit that says what the spec says already makes no new generation: a second run leaves no trace on the disk.
    const settled = settle(candidate, edit);
    if (!isSameJson(settled.entries, spec.entries)) await store.spec.set(settled);
    if (reached.last !== undefined) bench.learn?.(reached.last);
    return { outcome, steps, result };
  }
  if (!reached.begun || leave === true) return { outcome, steps, result, ...(error === undefined ? {} : { error }) };
  const made = new Set([...shop.memory().owned].filter((key) => !owned.has(key)));
  const undone = await undo(bench, edit, spec, { made, end, progress });
  return { outcome, steps, result, error: { ...(error ?? { code: "task_failed", message: "failed" }), ...undone } };
}

async function keep<T>(cell: Cell<T>, value: T): Promise<void> {
  if (!isSameJson(value, cell.get())) await cell.set(value);
}

function stale(edit: Edit, spec: Spec): FlashfleetError {
  return new FlashfleetError(
    "call_refused",
    `cannot edit generation ${edit.base} of the spec: this node has ${spec.generation}`,
    {
      hint: "the controller reads the node's generation again and makes the edit anew",
    },
  );
}

/** Pins of what was removed go with it: what is declared anew later may be another device. */
function withPins(store: Store, pins: Record<string, object>, edit: Edit) {
  const gone = Object.entries(edit.set)
    .filter(([, { state }]) => state === "absent")
    .map(([key]) => key);
  const kept = Object.entries(store.pins.get()).filter(
    ([key]) => !gone.some((each) => key === each || key.startsWith(`${each} `)),
  );
  return { ...Object.fromEntries(kept), ...pins };
}

async function undo(
  { shop, clock }: Bench,
  edit: Edit,
  spec: Spec,
  { made, end, progress }: { made: ReadonlySet<OwnedKey>; end: number; progress: Progress },
): Promise<{ hint?: string }> {
  progress("undoing what was done");
  const back = inverse(spec, edit);
  if (Object.keys(back).length === 0) return {};
  try {
    const undone = await converge(shop, {
      goals: goalsOf(back),
      spec: { ...spec, entries: { ...spec.entries, ...back } },
      costs: ["none"],
      ownWork: { entries: new Set(Object.keys(back).filter((key) => !(key in spec.entries))), made },
      overrides: new Set(),
      deadline: Math.max(end, clock.now() + undoReserve / 2),
      patience: 1000,
      beforeStep: async () => {},
      onStep: ({ says }) => progress(`undo: ${says}`),
      onWait: () => {},
    });
    if (undone.error === undefined) return {};
    return {
      hint: `it could not be undone (${undone.error.message}): run the playbook again once the cause is mended`,
    };
  } catch (error) {
    return {
      hint: `it could not be undone (${toErrorData(error).message}): run the playbook again once the cause is mended`,
    };
  }
}
