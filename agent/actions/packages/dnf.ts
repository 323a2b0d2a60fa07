import { FlashfleetError } from "../../../shared/errors.ts";
import type { ArgumentsOf } from "../../../shared/modules/actions/actions.ts";
import type { JsonRecord } from "../../../shared/protocol/json.ts";
import type { Action, ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";
import { type Ran, runTool } from "../programs/run.ts";
import { splitSpec } from "./dpkg.ts";
import { foreseeing, installedByNow, rememberForeseen } from "./foreseen-packages.ts";
import { unlocked } from "./locks.ts";
import { type DnfTransaction, isRpmInstalled, parseDnfTable, rpmSpec } from "./rpm.ts";
import { transactionDiff } from "./simulated.ts";

type Arguments = ArgumentsOf<"dnf">;

/** It would wait for ever. */
const exitOnLock = "--setopt=exit_on_lock=True";
const nothing: DnfTransaction = { installs: new Map(), removes: new Map(), dependents: [] };

/** Packages of Fedora, Red Hat and what comes from them, by dnf: what it would do is asked first, as of apt. */
export const dnf: Action<"dnf"> = async (args, context) => {
  const isCheck = context.checking !== undefined || context.check;
  const asked = args.name ?? [];
  if (args.update_cache && !isCheck) {
    const ran = await runDnf([...repositories(args), "makecache", "--refresh"], args, context);
    if (ran.code !== 0) throw failure("update the cache", ran);
  }
  if (asked.length === 0) return { outcome: "ok", result: { msg: "Cache updated", results: [], rc: 0 } };
  const there = new Map(await Promise.all(asked.map(async (spec) => [spec, await isThere(spec, context)] as const)));
  const todo = asked.filter((spec) => there.get(spec) === (args.state === "absent") || isToRenew(spec, args, context));
  const done = { msg: "Nothing to do", results: [], rc: 0 };
  if (todo.length === 0) return { outcome: "ok", result: done };
  const { real, known } = foreseeing(todo, args.state, context);
  const simulated = real.length === 0 ? nothing : await simulate(real, args, context);
  if (typeof simulated === "string") return { outcome: "ok", result: { skipped: true, msg: simulated } };
  if (simulated.installs.size + simulated.removes.size + known.size === 0) return { outcome: "ok", result: done };
  refuseMore(simulated, real, args);
  const result: JsonRecord = { msg: "", rc: 0, results: resultsOf(simulated), diff: transactionDiff(simulated, known) };
  if (isCheck) {
    rememberForeseen(todo, simulated, args.state === "absent" ? "removed" : undefined, context);
    return { outcome: "changed", result };
  }
  const ran = await runDnf(["-y", ...wordsFor(real, args)], args, context);
  if (ran.code !== 0) throw failure(`${verbOf(args)} ${real.join(", ")}`, ran);
  return { outcome: "changed", result };
};

async function isThere(spec: string, context: ActionContext): Promise<boolean> {
  return installedByNow(splitSpec(spec).name, context) ?? (await isRpmInstalled(spec, context));
}

/** `latest` asks for what is there, too, unless an earlier task of the check has just brought it. */
function isToRenew(spec: string, { state }: Arguments, context: ActionContext): boolean {
  return state === "latest" && installedByNow(splitSpec(spec).name, context) !== true;
}

function verbOf({ state }: Arguments): string {
  return state === "absent" ? "remove" : "install";
}

function repositories({ enablerepo = [], disablerepo = [] }: Arguments): string[] {
  return [...disablerepo.map((name) => `--disablerepo=${name}`), ...enablerepo.map((name) => `--enablerepo=${name}`)];
}

function wordsFor(specs: readonly string[], args: Arguments): string[] {
  return [
    ...repositories(args),
    `--setopt=clean_requirements_on_remove=${args.autoremove && args.state === "absent" ? "True" : "False"}`,
    `--setopt=install_weak_deps=${args.install_weak_deps ? "True" : "False"}`,
    ...(args.allowerasing && args.state !== "absent" ? ["--allowerasing"] : []),
    // Of what is there `install` takes the newest version, too.
    ...(args.state === "latest" ? ["--best"] : []),
    verbOf(args),
    "--",
    ...specs.map(rpmSpec),
  ];
}

/** What would be done; a text where that cannot be known in a check. */
async function simulate(
  specs: readonly string[],
  args: Arguments,
  context: ActionContext,
): Promise<DnfTransaction | string> {
  const ask = () => look(["dnf", "--assumeno", exitOnLock, ...wordsFor(specs, args)], context);
  const ran = await unlocked(ask, { ...context, seconds: args.lock_timeout });
  const missing = /(?:Unable to find a match|No match for argument): (.+)/.exec(ran.stdout + ran.stderr)?.[1];
  if (missing !== undefined && args.state !== "absent") {
    const why = context.checking?.foreseen.whyPerhapsThere();
    if (why !== undefined) return `unknown: the node's repositories have no ${missing}, but ${why}`;
    throw new FlashfleetError(
      "not_found",
      `cannot find the package ${missing}: the node's repositories do not have it`,
      {
        hint: "dnf search on the node finds names; enablerepo takes a repository that is off",
      },
    );
  }
  const isAsked = /Operation aborted/.test(ran.stdout + ran.stderr);
  if (ran.code !== 0 && !isAsked) throw failure(`${verbOf(args)} ${specs.join(", ")}`, ran);
  return isAsked ? parseDnfTable(ran.stdout) : nothing;
}

/** Throws `plan_refused`, as of apt: an installation removes nothing, unless `allowerasing` says so; what is removed is named. */
function refuseMore(
  { removes, dependents }: DnfTransaction,
  specs: readonly string[],
  { state, allowerasing }: Arguments,
): void {
  const what = specs.join(", ");
  if (state === "absent") {
    if (dependents.length === 0) return;
    throw new FlashfleetError(
      "plan_refused",
      `cannot change packages: removing ${what} would also remove ${dependents.join(", ")}`,
      {
        hint: "they need it: name them, too",
      },
    );
  }
  if (removes.size === 0 || allowerasing) return;
  const gone = [...removes.keys()].join(", ");
  throw new FlashfleetError("plan_refused", `cannot change packages: installing ${what} would remove ${gone}`, {
    hint: "allowerasing: true lets them go",
  });
}

/** As Ansible's module words them. */
function resultsOf({ installs, removes }: DnfTransaction): string[] {
  return [
    ...[...installs].map(([name, { after }]) => `Installed: ${name}-${after}`),
    ...[...removes].map(([name, version]) => `Removed: ${name}-${version}`),
  ];
}

function runDnf(
  words: readonly string[],
  { lock_timeout: seconds }: Arguments,
  { system, clock, deadline, job }: ActionContext,
): Promise<Ran> {
  const argv = ["dnf", exitOnLock, ...words] as const;
  return unlocked(() => runTool({ argv }, { system, deadline, progress: job.progress }), { clock, deadline, seconds });
}

/** Of what dnf printed the problems, else the error. */
function failure(what: string, { code, stdout, stderr }: Ran): FlashfleetError {
  const lines = stderr.split("\n").map((line) => line.trim());
  const problems = lines.filter((line) => /^(Problem|- )/.test(line)).map((line) => line.replace(/^- /, ""));
  const [error = `dnf ended with exit code ${code}`] = lines.flatMap((line) => /^Error: (.+)/.exec(line)?.[1] ?? []);
  const hint = /--allowerasing/.test(stdout)
    ? "remove what conflicts in a task before, or give allowerasing: true"
    : "the output with -v says more";
  return new FlashfleetError("command_failed", `cannot ${what}: ${problems.join("; ") || error}`, { hint });
}
