import type { ArgumentsOf } from "../../../shared/modules/actions/actions.ts";
import type { ActionContext } from "../action.ts";
import { look } from "../programs/look.ts";
import { aptGet, failure } from "./apt-get.ts";

type Arguments = ArgumentsOf<"apt">;

/** Where the age of the lists shows: a stamp of a successful update, else the lists. */
const stamps = ["/var/lib/apt/periodic/update-success-stamp", "/var/lib/apt/lists"] as const;

/** The lists of packages, brought up to date where they are too old. */
export async function refresh(
  { update_cache: update, cache_valid_time: valid, lock_timeout: seconds }: Arguments,
  context: ActionContext,
) {
  const before = await updatedAt(context);
  const age = context.clock.wall() / 1000 - before;
  if (!(update || valid > 0) || age <= valid) return { cache_updated: false, cache_update_time: before };
  if (context.checking !== undefined || context.check) return { cache_updated: true, cache_update_time: before };
  const ran = await aptGet(["update"], seconds, context);
  if (ran.code !== 0) throw failure("update the lists of packages", ran);
  const after = await updatedAt(context);
  return { cache_updated: after !== before, cache_update_time: after };
}

/** Seconds since 1970; 0 where there are no lists. */
async function updatedAt(context: ActionContext): Promise<number> {
  for (const path of stamps) {
    const { code, stdout } = await look(["stat", "-c", "%Y", "--", path], context);
    if (code === 0) return Number(stdout.trim());
  }
  return 0;
}
