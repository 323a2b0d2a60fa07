import { applyEdit } from "../../shared/protocol/edit.ts";
import type { RunId } from "../../shared/protocol/ids.ts";
import type { Consent } from "../../shared/protocol/order.ts";
import type { Edit, Spec } from "../../shared/protocol/spec.ts";
import type { Workshop } from "../engine/converge.ts";
import { preview } from "../engine/preview.ts";
import { goalsOf } from "../engine/wanted.ts";
import type { Answer } from "./orders.ts";

/** Runs whose checks are remembered: a check lasts as long as its run, and a node is in one or two. */
const rememberedRuns = 4;

/**
 * Checks of a run, in which each task stands on what the ones before it would have made: the edits of a run pile up, and
 * each answer is the part of the whole plan that the newest edit brings.
 */
export class Checks {
  readonly #runs = new Map<RunId, Edit["set"]>();

  async run(shop: Workshop, run: RunId, spec: Spec, edit: Edit, consent: Consent | undefined): Promise<Answer> {
    const before = this.#runs.get(run) ?? {};
    const set = { ...before, ...edit.set };
    this.#runs.delete(run);
    this.#runs.set(run, set);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > rememberedRuns && oldest !== undefined) this.#runs.delete(oldest);
    const { steps, error } = await preview(shop, {
      goals: goalsOf(set),
      keys: new Set(Object.keys(edit.set)),
      spec: applyEdit(spec, { ...edit, set }),
      overrides: new Set(consent?.overrides ?? []),
    });
    if (error !== undefined) return { outcome: "refused", steps, result: {}, error };
    return { outcome: steps.length === 0 ? "ok" : "changed", steps, result: {} };
  }
}
