import { FlashfleetError } from "../../../shared/errors.ts";
import type { ArgumentsOf } from "../../../shared/modules/actions/actions.ts";
import type { JsonRecord } from "../../../shared/protocol/json.ts";
import type { Action, ActionContext } from "../action.ts";
import type { Ran } from "../programs/run.ts";
import { aptGet, failure, verbOf, wordsFor } from "./apt-get.ts";
import { refresh } from "./apt-lists.ts";
import { simulate } from "./apt-simulate.ts";
import { type Installed, isInstalled, readInstalled, splitSpec } from "./dpkg.ts";
import { type Foreseeing, foreseeing, installedByNow, rememberForeseen } from "./foreseen-packages.ts";
import { type Transaction, transactionDiff } from "./simulated.ts";

type Arguments = ArgumentsOf<"apt">;

/** Packages of Debian and what comes from it, by apt-get: what it would do is asked first, and refused where it is more than was meant. */
export const apt: Action<"apt"> = async (args, context) => {
  const cache = await refresh(args, context);
  const asked = args.name ?? [];
  const installed = await readInstalled(context);
  const todo = asked.filter((spec) => !isDone(spec, args, installed, context));
  if (todo.length === 0) {
    const changed = asked.length === 0 && cache.cache_updated;
    return { outcome: changed ? "changed" : "ok", result: { ...cache } };
  }
  const foreseen = foreseeing(todo, args.state, context);
  const simulated = foreseen.real.length === 0 ? nothing : await simulate(foreseen.real, args, context, cache);
  if (typeof simulated === "string") return { outcome: "ok", result: { ...cache, skipped: true, msg: simulated } };
  // What nothing needs any more goes only with what is named: a dependent that is named by nobody stays out of it.
  const bare =
    args.autoremove && foreseen.real.length > 0
      ? await simulate(foreseen.real, { ...args, autoremove: false }, context, cache)
      : simulated;
  const { installs, removes } = simulated;
  if (installs.size + removes.size + foreseen.known.size === 0) return { outcome: "ok", result: { ...cache } };
  refuseMore(typeof bare === "string" ? simulated : bare, foreseen.real, args);
  const result: JsonRecord = { ...cache, diff: transactionDiff(simulated, foreseen.known) };
  if (context.checking !== undefined || context.check) {
    const gone = args.purge ? "purged" : "removed";
    rememberForeseen(todo, simulated, args.state === "absent" ? gone : undefined, context);
    return { outcome: "changed", result };
  }
  const { stdout, stderr } = await carryOut(foreseen, args, context);
  await verify(asked, args, context);
  return { outcome: "changed", result: { ...result, stdout, stderr } };
};

const nothing: Transaction = { installs: new Map(), removes: new Map() };

function isDone(
  spec: string,
  { state, purge, only_upgrade: onlyUpgrade }: Arguments,
  installed: Installed,
  context: ActionContext,
): boolean {
  const { name, version } = splitSpec(spec);
  const byNow = installedByNow(name, context);
  const isThere = byNow ?? isInstalled(spec, installed);
  if (state === "absent") return !isThere && !(purge && hasLeftovers(name, installed, context));
  if (onlyUpgrade && !isThere) return true;
  if (state === "latest" && version === undefined) return byNow === true;
  return isThere;
}

function hasLeftovers(name: string, { leftovers }: Installed, { checking }: ActionContext): boolean {
  const fate = checking?.foreseen.packages.get(name);
  return fate === undefined ? leftovers.has(name) : fate === "removed";
}

/**
 * Throws `plan_refused` where others would be removed: an installation never removes, and what is removed is named. Only
 * `autoremove` takes more: what was installed for others, none of which is left.
 */
function refuseMore({ installs, removes }: Transaction, specs: readonly string[], { state }: Arguments): void {
  const named = new Set(specs.map((spec) => splitSpec(spec).name.split(":", 1)[0]));
  const others = [...removes.keys()].filter((name) => !named.has(name.split(":", 1)[0]));
  if (state === "absent") {
    if (installs.size > 0) {
      throw refused(
        `removing ${specs.join(", ")} would install ${list(installs.keys())}`,
        "name what is to come instead in a task of its own, before",
      );
    }
    if (others.length === 0) return;
    throw refused(`removing ${specs.join(", ")} would also remove ${list(others)}`, "they need it: name them, too");
  }
  if (removes.size === 0) return;
  throw refused(
    `installing ${specs.join(", ")} would remove ${list(removes.keys())}`,
    "they conflict: remove what is to go in a task before, with state: absent",
  );
}

function refused(what: string, hint: string): FlashfleetError {
  return new FlashfleetError("plan_refused", `cannot change packages: ${what}`, { hint });
}

function list(names: Iterable<string>): string {
  const all = [...names];
  return all.length > 10 ? `${all.slice(0, 10).join(", ")} and ${all.length - 10} more` : all.join(", ");
}

async function carryOut({ real }: Foreseeing, args: Arguments, context: ActionContext): Promise<Ran> {
  const words = wordsFor(real, args);
  // By now another one may have come between: apt-get itself holds to what was asked.
  const guard = args.state === "absent" ? [] : ["--no-remove"];
  const ran = await aptGet([...guard, ...words], args.lock_timeout, context);
  if (ran.code !== 0) throw failure(`${verbOf(args)} ${real.join(", ")}`, ran);
  return ran;
}

async function verify(asked: readonly string[], args: Arguments, context: ActionContext): Promise<void> {
  const installed = await readInstalled(context);
  const late = asked.filter((spec) => isInstalled(spec, installed) === (args.state === "absent"));
  const wrong = args.only_upgrade ? [] : late;
  if (wrong.length === 0) return;
  const is = args.state === "absent" ? "still there" : "not installed";
  throw new FlashfleetError(
    "not_converging",
    `cannot change packages: apt-get ended well, and ${list(wrong)} is ${is}`,
    {
      hint: "look at its output with -v",
    },
  );
}
