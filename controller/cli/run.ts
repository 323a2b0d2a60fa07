import { FlashfleetError } from "../../shared/errors.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import { RunRequest } from "../api/messages.ts";
import { withAnswers } from "./ask-prompts.ts";
import { collectProject, type ProjectOptions } from "./collect-project.ts";
import { type CommonOptions, type Context, exitCodes } from "./context.ts";
import { withFailed } from "./limit-failed.ts";
import { type ListOptions, listAdHoc, listPlaybooks, wantsList } from "./list.ts";
import { show, startAndShow } from "./run-common.ts";
import { showAndSave } from "./save-plan.ts";
import { startRun, type WaitOptions } from "./start.ts";
import { readVaultPasswords, type VaultOptions } from "./vault-passwords.ts";

export interface RunOptions extends CommonOptions, ProjectOptions, VaultOptions, ListOptions, WaitOptions {
  check?: boolean;
  diff?: boolean;
  verbose?: boolean;
  forks?: string;
  taskTimeout?: string;
  tags?: string[];
  skipTags?: string[];
  startAtTask?: string;
  abandon?: string[];
  forceHandlers?: boolean;
  profile?: boolean;
  step?: boolean;
  /** A run whose failures are done again. */
  resume?: string;
  detailedExitcode?: boolean;
  /** Show the steps as a plan at the end. */
  plan?: boolean;
  /** The file that the plan is saved as. */
  save?: string;
}

/** Runs playbooks, one after the other, as one run. */
export async function run(context: Context, playbooks: readonly string[], options: RunOptions): Promise<number> {
  if (options.resume !== undefined) return resume(context, playbooks, options.resume, options);
  if (playbooks.length === 0) {
    throw new FlashfleetError("bad_argument", "cannot run: no playbook is named", {
      hint: "flashfleet run playbook.yaml, or flashfleet run --resume RUN",
    });
  }
  const collected = await collectProject(playbooks, options, await readVaultPasswords(options, context));
  const project = await withFailed(context, options, collected, collected.playbooks.join(" "));
  if (wantsList(options)) {
    const selection = { tags: wordsOf(options.tags), skip: wordsOf(options.skipTags) };
    return listPlaybooks(context, project, selection, options);
  }
  if (options.step && context.answer === undefined) {
    throw new FlashfleetError("bad_argument", "cannot ask before each task: stdin is no terminal", {
      hint: "run it at a terminal; --start-at-task and --tags choose tasks without asking",
    });
  }
  const request = RunRequest.parse({
    project: await withAnswers(context, project),
    ...taskTimeoutOf(options),
    verbosity: options.verbose ? 1 : 0,
    by: context.environment.user,
    step: options.step ?? false,
    check: options.check ?? false,
    diff: options.diff ?? false,
    ...forksOf(options),
    tags: wordsOf(options.tags),
    skipTags: wordsOf(options.skipTags),
    ...(options.startAtTask === undefined ? {} : { startAt: options.startAtTask }),
    abandon: nodesOf(options.abandon),
    forceHandlers: options.forceHandlers ?? false,
    savesPlan: options.save !== undefined,
  });
  if (options.save !== undefined) return showAndSave(context, options, request, options.save);
  return startAndShow(context, options, request);
}

/** A new run with what failed in another one: its playbooks and options are those of then. */
async function resume(
  context: Context,
  playbooks: readonly string[],
  before: string,
  options: RunOptions,
): Promise<number> {
  if (playbooks.length > 0) {
    throw new FlashfleetError("bad_argument", `cannot resume run ${before} with other playbooks`, {
      hint: "leave them out: a run goes on with its own",
    });
  }
  const path = `/v1/runs/${encodeURIComponent(before)}/resume`;
  const created = await startRun(context, options, path, { by: context.environment.user });
  return created === undefined ? exitCodes.interrupted : show(context, options, created, { cancels: true });
}

function nodesOf(given: readonly string[] | undefined): NodeId[] {
  return wordsOf(given).map((word) => {
    const parsed = NodeId.safeParse(word);
    if (parsed.success) return parsed.data;
    throw new FlashfleetError("bad_argument", `cannot abandon '${word}': it is no node`, {
      hint: "flashfleet nodes lists them",
    });
  });
}

/** Words between commas, of all times that an option was given. */
function wordsOf(given: readonly string[] | undefined): string[] {
  return (given ?? [])
    .flatMap((each) => each.split(","))
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** What would be done, with every step: a check, and the plan that it makes. */
export function plan(context: Context, playbooks: readonly string[], options: RunOptions): Promise<number> {
  return run(context, playbooks, { ...options, check: true, plan: true });
}

export interface ExecOptions extends RunOptions {
  moduleName?: string;
  args?: string;
}

/** One module on a pattern, without a playbook: `MODULE WORD…`, or `-m MODULE -a TEXT` as Ansible has it. */
export async function exec(
  context: Context,
  pattern: string,
  first: string | undefined,
  words: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const { moduleName, args: line } = options;
  const module = moduleName ?? first ?? (line === undefined ? undefined : "command");
  const collected = await collectProject([], options, await readVaultPasswords(options, context));
  const project = await withFailed(context, options, collected, `${pattern} ${module}`);
  if (wantsList(options)) return listAdHoc(context, pattern, project, options);
  if (module === undefined) {
    throw new FlashfleetError("bad_argument", "cannot run: no module is named", {
      hint: "flashfleet exec PATTERN MODULE name=value, or flashfleet exec PATTERN -m MODULE -a 'name=value'",
    });
  }
  const given = moduleName === undefined || first === undefined ? words : [first, ...words];
  const request = RunRequest.parse({
    project: { ...project, adHoc: { pattern, module, arguments: [...given], ...(line === undefined ? {} : { line }) } },
    by: context.environment.user,
    ...taskTimeoutOf(options),
    verbosity: options.verbose ? 1 : 0,
    check: options.check ?? false,
    diff: options.diff ?? false,
    ...forksOf(options),
  });
  return startAndShow(context, options, request);
}

/** Throws `bad_argument` for what is no number of seconds. 0 is none. */
function taskTimeoutOf({ taskTimeout }: RunOptions): { taskTimeout?: number } {
  if (taskTimeout === undefined || /^0+$/.test(taskTimeout)) return {};
  if (/^\d{1,6}(\.\d+)?$/.test(taskTimeout)) return { taskTimeout: Number(taskTimeout) };
  throw new FlashfleetError("bad_argument", `cannot use --task-timeout ${taskTimeout}: it is no number of seconds`, {
    hint: "--task-timeout 60 gives each task a minute",
  });
}

/** Throws `bad_argument` for what is no number of hosts. */
function forksOf({ forks }: RunOptions): { forks?: number } {
  if (forks === undefined) return {};
  if (/^[1-9]\d{0,6}$/.test(forks)) return { forks: Number(forks) };
  throw new FlashfleetError("bad_argument", `cannot use --forks ${forks}: it is no number of hosts`, {
    hint: "--forks 50 lets 50 hosts work at once",
  });
}
