import { FlashfleetError } from "../../../shared/errors.ts";
import type { ArgumentsOf } from "../../../shared/modules/actions/actions.ts";
import type { ActionContext } from "../action.ts";
import { type Ran, runTool } from "../programs/run.ts";
import { unlocked } from "./locks.ts";

type Arguments = ArgumentsOf<"apt">;

/** Nobody answers questions, and configuration that people changed stays. */
const unattended = {
  DEBIAN_FRONTEND: "noninteractive",
  APT_LISTCHANGES_FRONTEND: "none",
  NEEDRESTART_MODE: "l",
};
const keepConfiguration = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"];

/** Runs apt-get, which may have to wait for others. */
export function aptGet(
  words: readonly string[],
  seconds: number,
  { system, clock, deadline, job }: ActionContext,
): Promise<Ran> {
  const argv = ["apt-get", "-o", "Dpkg::Use-Pty=0", ...keepConfiguration, ...words] as const;
  const run = () => runTool({ argv, environment: unattended }, { system, deadline, progress: job.progress });
  return unlocked(run, { clock, deadline, seconds });
}

/** What apt-get is asked for these packages. */
export function wordsFor(specs: readonly string[], args: Arguments): string[] {
  const { state, default_release: release, install_recommends: recommends } = args;
  const options = [
    ...(release === undefined ? [] : ["-t", release]),
    ...(recommends === undefined ? [] : [recommends ? "--install-recommends" : "--no-install-recommends"]),
    ...(args.only_upgrade ? ["--only-upgrade"] : []),
    ...(args.allow_downgrade ? ["--allow-downgrades"] : []),
    ...(args.autoremove && state === "absent" ? ["--auto-remove"] : []),
  ];
  return ["-q", "-y", ...options, verbOf(args), "--", ...specs];
}

export function verbOf({ state, purge }: Arguments): string {
  if (state !== "absent") return "install";
  return purge ? "purge" : "remove";
}

/** Of what apt-get printed the errors, and the packages that do not fit. */
export function failure(what: string, { code, stdout, stderr }: Ran): FlashfleetError {
  const errors = stderr
    .split("\n")
    .filter((line) => line.startsWith("E: "))
    .map((line) => line.slice(3));
  const unmet = /The following packages have unmet dependencies:\n((?: .*\n)+)/.exec(stdout)?.[1]?.trim();
  const hint = /dpkg was interrupted|--configure -a/.test(stderr)
    ? "an earlier change was cut off: command: dpkg --configure -a ends it"
    : (unmet ?? "the output with -v says more");
  return new FlashfleetError(
    "command_failed",
    `cannot ${what}: ${errors.join("; ") || `apt-get ended with exit code ${code}`}`,
    { hint },
  );
}
