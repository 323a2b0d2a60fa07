import { FlashfleetError } from "../../shared/errors.ts";
import { RunCreated, RunRequest } from "../api/messages.ts";
import { collectProject, type ProjectOptions } from "./collect-project.ts";
import { type CommonOptions, type Context, clientOf } from "./context.ts";
import { type ListOptions, listAdHoc, listPlaybooks, wantsList } from "./list.ts";
import { show, startAndShow } from "./run-common.ts";
import { readVaultPasswords, type VaultOptions } from "./vault-passwords.ts";

export interface RunOptions extends CommonOptions, ProjectOptions, VaultOptions, ListOptions {
  check?: boolean;
  diff?: boolean;
  verbose?: boolean;
  forks?: string;
  tags?: string[];
  skipTags?: string[];
  startAtTask?: string;
  forceHandlers?: boolean;
  profile?: boolean;
  /** A run whose failures are done again. */
  resume?: string;
  detailedExitcode?: boolean;
  /** Show the steps as a plan at the end. */
  plan?: boolean;
}

/** Runs playbooks, one after the other, as one run. */
export async function run(context: Context, playbooks: readonly string[], options: RunOptions): Promise<number> {
  if (options.resume !== undefined) return resume(context, playbooks, options.resume, options);
  if (playbooks.length === 0) {
    throw new FlashfleetError("bad_argument", "cannot run: no playbook is named", {
      hint: "flashfleet run playbook.yaml, or flashfleet run --resume RUN",
    });
  }
  const project = await collectProject(playbooks, options, await readVaultPasswords(options, context));
  if (wantsList(options)) {
    const selection = { tags: wordsOf(options.tags), skip: wordsOf(options.skipTags) };
    return listPlaybooks(context, project, selection, options);
  }
  const request = RunRequest.parse({
    project,
    check: options.check ?? false,
    diff: options.diff ?? false,
    ...forksOf(options),
    tags: wordsOf(options.tags),
    skipTags: wordsOf(options.skipTags),
    ...(options.startAtTask === undefined ? {} : { startAt: options.startAtTask }),
    forceHandlers: options.forceHandlers ?? false,
  });
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
  const { run: created } = await clientOf(context, options).post(`/v1/runs/${before}/resume`, {}, RunCreated);
  return show(context, options, created, { cancels: true });
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

/** One module on a pattern, without a playbook. */
export async function exec(
  context: Context,
  pattern: string,
  module: string,
  words: readonly string[],
  options: RunOptions,
): Promise<number> {
  const project = await collectProject([], options, await readVaultPasswords(options, context));
  if (wantsList(options)) return listAdHoc(context, pattern, project, options);
  const request = RunRequest.parse({
    project: { ...project, adHoc: { pattern, module, arguments: [...words] } },
    check: options.check ?? false,
    diff: options.diff ?? false,
    ...forksOf(options),
  });
  return startAndShow(context, options, request);
}

/** Throws `bad_argument` for what is no number of hosts. */
function forksOf({ forks }: RunOptions): { forks?: number } {
  if (forks === undefined) return {};
  if (/^[1-9]\d{0,6}$/.test(forks)) return { forks: Number(forks) };
  throw new FlashfleetError("bad_argument", `cannot use --forks ${forks}: it is no number of hosts`, {
    hint: "--forks 50 lets 50 hosts work at once",
  });
}
