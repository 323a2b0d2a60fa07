import { FlashfleetError } from "../../shared/errors.ts";
import { RunRequest } from "../api/messages.ts";
import { collectProject, type ProjectOptions } from "./collect-project.ts";
import type { CommonOptions, Context } from "./context.ts";
import { startAndShow } from "./run-common.ts";

export interface RunOptions extends CommonOptions, ProjectOptions {
  check?: boolean;
  diff?: boolean;
  verbose?: boolean;
  forks?: string;
  detailedExitcode?: boolean;
}

/** Runs playbooks, one after the other, as one run. */
export async function run(context: Context, playbooks: readonly string[], options: RunOptions): Promise<number> {
  const request = RunRequest.parse({
    project: await collectProject(playbooks, options),
    check: options.check ?? false,
    diff: options.diff ?? false,
    ...forksOf(options),
  });
  return startAndShow(context, options, request);
}

/** What would be done, with every step: check and diff. */
export function plan(context: Context, playbooks: readonly string[], options: RunOptions): Promise<number> {
  return run(context, playbooks, { ...options, check: true, diff: true });
}

/** One module on a pattern, without a playbook. */
export async function exec(
  context: Context,
  pattern: string,
  module: string,
  words: readonly string[],
  options: RunOptions,
): Promise<number> {
  const project = await collectProject([], options);
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
