import { FlashfleetError } from "../../../shared/errors.ts";
import { matchHosts, unknownNames } from "../../inventory/patterns.ts";
import { volumeTasks } from "../../project/pair.ts";
import type { CompiledValue } from "../../template/compiled-value.ts";
import type { Scope } from "../../template/scope.ts";
import { playsOf, type RunPlan } from "../plan.ts";
import { Scopes } from "../scopes.ts";
import { RunState } from "../state.ts";

/** Hosts that the pair plays of a run name as their targets; `ofPlays` has the hosts of each. Throws `bad_template`, `no_hosts`. */
export function targetHosts(plan: RunPlan, ofPlays: readonly (readonly string[])[]): string[] {
  const scopes = new Scopes(plan, new RunState());
  const patterns = new Set<string>();
  for (const [index, play] of playsOf(plan).entries()) {
    if (!play.isPair) continue;
    for (const { module, ...task } of volumeTasks(play)) {
      if (module.is !== "volume" || module.targets === undefined) continue;
      const { targets } = module;
      const hosts = targets.isConstant ? (ofPlays[index] ?? []).slice(0, 1) : (ofPlays[index] ?? []);
      for (const host of hosts) patterns.add(patternIn(targets, scopes.ofTask(play, hosts, task, host)));
    }
  }
  return [...patterns].flatMap((pattern) => hostsNamed(plan, pattern));
}

function patternIn(targets: CompiledValue, scope: Scope): string {
  return [targets.evaluate(scope)].flat().map(String).join(",");
}

/** Throws `no_hosts` where a pattern of targets names none. */
export function hostsNamed({ files, inventory }: RunPlan, pattern: string): readonly string[] {
  const readFile = (path: string) => (Object.hasOwn(files, path) ? files[path] : undefined);
  const { hosts, unmatched } = matchHosts(pattern, inventory, { readFile });
  if (hosts.length > 0) return hosts;
  const names = unknownNames(unmatched);
  throw new FlashfleetError("no_hosts", `no host matches the targets ${pattern}`, {
    hint: names === "" ? "flashfleet inventory --list shows them" : `unknown: ${names}`,
  });
}
