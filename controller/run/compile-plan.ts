import { FlashfleetError } from "../../shared/errors.ts";
import type { RunRequest } from "../api/messages.ts";
import { ManyProblems } from "../api/problems.ts";
import { inventoryOfNodes } from "../inventory/node-inventory.ts";
import { adhocPlaybook } from "../project/adhoc.ts";
import { loadProject } from "../project/load-project.ts";
import { openedKeyring } from "../project/vault/keyring.ts";
import { privateAnswers, problemsOfPlays } from "./check-plays.ts";
import type { RunPlan } from "./plan.ts";

/** A request as a plan. Throws every mistake in its files at once. */
export function compilePlan(request: RunRequest): RunPlan {
  const {
    project,
    check,
    diff,
    forks,
    tags,
    skipTags,
    startAt,
    abandon,
    forceHandlers,
    step,
    verbosity,
    taskTimeout,
    savesPlan,
    planned,
    nodes = [],
  } = request;
  const extraVars = Object.assign({}, ...project.extraVars);
  const keyring = project.vault === undefined ? undefined : openedKeyring(project.vault.opened);
  for (const secret of project.vault?.secrets ?? []) keyring?.secrets.add(secret);
  const loaded = loadProject({ ...project, extraVars, keyring });
  if (!loaded.ok) throw new ManyProblems(loaded.errors);
  const { playbooks, inventory, extraVars: vars, limit, warnings } = loaded.project;
  const { adHoc } = project;
  if (adHoc === undefined && playbooks.length === 0)
    throw new FlashfleetError("bad_argument", "cannot run: no playbook is named");
  const { answers = [] } = project;
  const known = inventory ?? inventoryOfNodes(nodes);
  const problems = problemsOfPlays(playbooks, known, answers, extraVars);
  if (problems.length > 0) throw new ManyProblems(problems);
  const secrets = keyring?.secrets ?? new Set<string>();
  for (const secret of privateAnswers(playbooks, answers)) secrets.add(secret);
  return {
    playbooks: adHoc === undefined ? playbooks : [adhocPlaybook({ ...adHoc, words: adHoc.arguments })],
    inventory: known,
    extraVars: vars,
    limit,
    files: project.files,
    keyring,
    secrets,
    warnings,
    selection: { tags, skip: skipTags },
    startAt,
    abandoned: new Set(abandon),
    forceHandlers,
    step,
    verbosity,
    taskTimeout,
    savesPlan: savesPlan && check,
    planned,
    enrolled: nodes,
    inventories: project.inventories,
    adHoc: adHoc !== undefined,
    title: adHoc === undefined ? project.playbooks.join(" ") : `${adHoc.pattern} ${adHoc.module}`,
    check,
    diff,
    forks,
  };
}
