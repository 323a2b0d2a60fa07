import { FlashfleetError } from "../../shared/errors.ts";
import type { RunRequest } from "../api/messages.ts";
import { ManyProblems } from "../api/problems.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { inventoryOfNodes } from "../inventory/node-inventory.ts";
import { adhocPlaybook } from "../project/adhoc.ts";
import { loadProject } from "../project/load-project.ts";
import type { RunPlan } from "./plan.ts";

/** A request as a plan. Throws every mistake in its files at once. */
export function compilePlan({ project, check, diff, forks }: RunRequest, fleet: Pick<Fleet, "nodes">): RunPlan {
  const extraVars = Object.assign({}, ...project.extraVars);
  const loaded = loadProject({ ...project, extraVars });
  if (!loaded.ok) throw new ManyProblems(loaded.errors);
  const { playbooks, inventory, extraVars: vars, limit } = loaded.project;
  const { adHoc } = project;
  if (adHoc === undefined && playbooks.length === 0)
    throw new FlashfleetError("bad_argument", "cannot run: no playbook is named");
  return {
    playbooks:
      adHoc === undefined
        ? playbooks
        : [adhocPlaybook({ pattern: adHoc.pattern, module: adHoc.module, words: adHoc.arguments })],
    inventory: inventory ?? inventoryOfNodes(fleet.nodes().map(({ id, hello }) => ({ id, labels: hello.labels }))),
    extraVars: vars,
    limit,
    files: project.files,
    adHoc: adHoc !== undefined,
    title: adHoc === undefined ? project.playbooks.join(" ") : `${adHoc.pattern} ${adHoc.module}`,
    check,
    diff,
    forks,
  };
}
