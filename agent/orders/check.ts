import { applyEdit } from "../../shared/protocol/edit.ts";
import type { RunId } from "../../shared/protocol/ids.ts";
import type { OrderBody } from "../../shared/protocol/order.ts";
import type { Edit, Spec } from "../../shared/protocol/spec.ts";
import type { Workshop } from "../engine/converge.ts";
import { preview } from "../engine/preview.ts";
import { goalsOf } from "../engine/wanted.ts";
import type { Answer } from "./orders.ts";
import { type Secrets, withSecrets } from "./secrets.ts";

export type Converge = Extract<OrderBody, { do: "converge" }>;

/** Runs whose checks are remembered: a check lasts as long as its run, and a node is in one or two. */
const rememberedRuns = 4;

/**
 * Checks of a run, in which each task stands on what the ones before it would have made: the edits of a run pile up, and
 * each answer is the part of the whole plan that the newest edit brings.
 */
export class Checks {
  readonly #runs = new Map<RunId, { set: Edit["set"]; secrets: Secrets }>();

  /** Changes nothing: neither the node nor what it keeps. `given`: the secrets that came with this edit. */
  async run(
    shop: Workshop,
    run: RunId,
    spec: Spec,
    { edit, subject, consent }: Converge,
    given: Secrets,
  ): Promise<Answer> {
    const before = this.#runs.get(run);
    const set = { ...before?.set, ...edit.set };
    const secrets = { ...before?.secrets, ...given };
    this.#runs.delete(run);
    this.#runs.set(run, { set, secrets });
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > rememberedRuns && oldest !== undefined) this.#runs.delete(oldest);
    const { steps, error, result } = await preview(withSecrets(shop, secrets), {
      subject,
      goals: goalsOf(set),
      keys: new Set(Object.keys(edit.set)),
      spec: applyEdit(spec, { ...edit, set }),
      overrides: new Set(consent?.overrides ?? []),
    });
    if (error !== undefined) return { outcome: "refused", steps, result, error };
    return { outcome: steps.length === 0 ? "ok" : "changed", steps, result };
  }
}
