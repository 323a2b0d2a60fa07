import { FlashfleetError } from "../../../shared/errors.ts";
import type { ArgumentsOf } from "../../../shared/modules/actions/actions.ts";
import { nearest } from "../../../shared/nearest.ts";
import type { ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";
import { failure, verbOf, wordsFor } from "./apt-get.ts";
import { splitSpec } from "./dpkg.ts";
import { parseAptSimulation } from "./simulated.ts";

type Arguments = ArgumentsOf<"apt">;

/** What would be done; a text where that cannot be known in a check. */
export async function simulate(
  specs: readonly string[],
  args: Arguments,
  context: ActionContext,
  { cache_updated: updated }: { cache_updated: boolean },
) {
  const pattern = await takenForPattern(specs, context);
  if (pattern !== undefined) return mayBeThere(pattern, updated, context);
  const ran = await look(["apt-get", "-s", ...wordsFor(specs, args)], context);
  const missing = missingIn(ran.stderr);
  if (missing !== undefined) return mayBeThere(missing, updated, context);
  if (ran.code !== 0) throw failure(`${verbOf(args)} ${specs.join(", ")}`, ran);
  return parseAptSimulation(ran.stdout);
}

/** Why a package that no list has may be there in the run after this check. Throws `not_found` where nothing speaks for it. */
async function mayBeThere(name: string, updated: boolean, context: ActionContext): Promise<string> {
  const { checking } = context;
  const why = updated
    ? "the lists of packages, which would be brought up to date before, may have it"
    : checking?.foreseen.whyPerhapsThere();
  if (checking === undefined || why === undefined) throw await notFound(name, context);
  return `unknown: the node's lists have no ${name}, but ${why}`;
}

/** A name with a dot or a plus for which apt-get, since it does not know it, would take whatever matches it. */
async function takenForPattern(specs: readonly string[], context: ActionContext): Promise<string | undefined> {
  const names = specs.map((spec) => splitSpec(spec).name).filter((name) => /[.+]/.test(name));
  if (names.length === 0) return undefined;
  const { stdout } = await look(["apt-cache", "policy", "--", ...names], context);
  return names.find((name) => !stdout.split("\n").some((line) => line === `${name}:`));
}

function missingIn(stderr: string): string | undefined {
  const unknown = /^E: Unable to locate package (\S+)/m.exec(stderr);
  const others = /^E: (?:Package|Version '\S+' for) '([^']+)' (?:has no installation candidate|was not found)/m.exec(
    stderr,
  );
  return unknown?.[1] ?? others?.[1];
}

async function notFound(name: string, context: ActionContext): Promise<FlashfleetError> {
  const { stdout } = await look(["apt-cache", "pkgnames"], context);
  const near = nearest(name, stdout.split("\n").filter(Boolean));
  return new FlashfleetError("not_found", `cannot find the package ${name}: the node's lists do not have it`, {
    hint:
      near === undefined
        ? "update_cache: true reads the lists anew"
        : `did you mean ${near}? update_cache: true reads the lists anew`,
  });
}
