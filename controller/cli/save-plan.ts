import { FlashfleetError } from "../../shared/errors.ts";
import type { EnrolledNode, Project, RunRequest } from "../api/messages.ts";
import type { RunEvent } from "../run/entry.ts";
import type { Planned } from "../run/planned/planned.ts";
import { withoutHiddenAnswers } from "./ask-prompts.ts";
import type { Context } from "./context.ts";
import { PlanCollector } from "./plan-tree.ts";
import { type ShowOptions, startAndShow } from "./run-common.ts";
import { tryToWrite, writePlan } from "./saved-plan.ts";

/**
 * Shows a check like all others, and saves it as a plan that can be applied. One that was cut short is not saved. Throws `bad_argument`
 * where the file cannot be written, or would hold what a vault kept.
 */
export async function showAndSave(
  context: Context,
  options: ShowOptions,
  request: RunRequest,
  path: string,
): Promise<number> {
  const project = withoutSecrets(request.project, path);
  await tryToWrite(path);
  const found = new Found();
  const code = await startAndShow(context, { ...options, watch: (event) => found.take(event) }, request);
  const { end, planned, enrolled } = found;
  if (end === undefined || end.outcome === "aborted" || end.outcome === "cancelled") {
    context.say(`not saved: the plan has no end\n`);
    return code;
  }
  const nodes = project.inventories.length === 0 ? { nodes: enrolled } : {};
  await writePlan(path, {
    v: 1,
    is: "flashfleet plan",
    at: end.at,
    run: end.run,
    by: context.environment.user,
    ok: end.outcome === "ok",
    request: { ...request, project, check: false, savesPlan: false, planned, ...nodes },
    tree: found.collector.tree(),
  });
  context.say(`saved: flashfleet apply ${path}\n`);
  return code;
}

/** What is to be saved of a check's events. */
class Found {
  readonly collector = new PlanCollector();
  readonly planned: Planned = { nodes: [], known: [], volumes: [] };
  readonly enrolled: EnrolledNode[] = [];
  end: Extract<RunEvent, { is: "finished" }> | undefined;

  take(event: RunEvent): void {
    this.collector.take(event);
    if (event.is === "finished") this.end = event;
    if (event.is !== "planned") return;
    for (const each of event.nodes ?? []) this.planned.nodes.push(each);
    for (const each of event.known ?? []) this.planned.known.push(each);
    for (const each of event.volumes ?? []) this.planned.volumes.push(each);
    for (const each of event.enrolled ?? []) this.enrolled.push(each);
  }
}

/** The project as it may lie in a file: who applies the plan gives vault passwords and hidden answers again. */
function withoutSecrets(project: Project, path: string): Project {
  const { vault, ...rest } = withoutHiddenAnswers(project);
  if (vault === undefined || vault.secrets.length === 0) return rest;
  throw new FlashfleetError("bad_argument", `cannot save the plan ${path}: values of -e are encrypted`, {
    hint: "put them into a file of variables beside the playbook: it is saved as it is, and opened again by apply",
  });
}
