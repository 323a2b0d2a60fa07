import { FlashfleetError } from "../../shared/errors.ts";
import type { RunRequest } from "../api/messages.ts";
import { withAnswers } from "./ask-prompts.ts";
import { type CommonOptions, type Context, exitCodes, wantsJson } from "./context.ts";
import { totalsOf } from "./plan-tree.ts";
import { renderPlan } from "./render-plan.ts";
import { startAndShow } from "./run-common.ts";
import { readPlan, type SavedPlan } from "./saved-plan.ts";
import type { WaitOptions } from "./start.ts";
import { unlockProject } from "./unlock-project.ts";
import { readVaultPasswords, type VaultOptions } from "./vault-passwords.ts";

export interface ApplyOptions extends CommonOptions, VaultOptions, WaitOptions {
  /** Only show the plan: needs no controller. */
  show?: boolean;
}

/**
 * Carries out a saved plan with the options of then; the controller refuses it where the fleet is not what it was. Throws
 * `plan_refused` for a plan that would fail, `plan_stale`.
 */
export async function apply(context: Context, path: string, options: ApplyOptions): Promise<number> {
  const plan = await readPlan(path);
  if (options.show) return showPlan(context, plan, options);
  const { tree, request } = plan;
  if (!plan.ok) {
    const { failing } = totalsOf(tree);
    const where = failing === 0 ? "" : ` on ${failing} ${failing === 1 ? "host" : "hosts"}`;
    throw new FlashfleetError("plan_refused", `cannot apply ${path}: it would fail${where}`, {
      hint: `flashfleet apply ${path} --show says where and why`,
    });
  }
  const opened = unlockProject(request.project, await readVaultPasswords(options, context), []);
  const applied: RunRequest = {
    ...request,
    project: await withAnswers(context, opened),
    by: context.environment.user,
  };
  return startAndShow(context, { ...options, diff: request.diff, verbose: request.verbosity > 0 }, applied);
}

function showPlan({ out, paint }: Context, plan: SavedPlan, options: ApplyOptions): number {
  const { at, run, by, ok, request, tree } = plan;
  const { playbooks } = request.project;
  if (wantsJson(options))
    out(`${JSON.stringify({ is: "plan", at, run, by, ok, playbooks, hosts: tree, totals: totalsOf(tree) })}\n`);
  else {
    const made = new Date(at).toISOString().slice(0, 19);
    out(`${playbooks.join(" ")}, planned by ${by} at ${made}Z (run ${run})\n${renderPlan(tree, paint)}`);
  }
  return exitCodes.fine;
}
