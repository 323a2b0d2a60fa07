import type { ObservedSubsystem, Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, joinPlans, type Memory, type Plan } from "../kind.ts";
import { allowedHostPath, hostPath, owned } from "../paths.ts";
import { planRevocation } from "./revocation.ts";

/** Links to the hosts that are allowed; a host that nvmet does not know yet is made, without keys. */
export function planHosts(
  goal: Goal<"nvmet_subsystem">,
  has: ObservedSubsystem | undefined,
  seen: Seen<"nvmet"> & Partial<Seen<"sessions">>,
  memory: Memory,
): Plan {
  const plan = emptyPlan();
  const { key, resource } = goal;
  for (const host of resource.allowed_hosts ?? []) {
    if (has?.allowedHosts.some(({ nqn }) => nqn === host)) continue;
    if (!seen.nvmet.names.hosts.includes(host)) {
      plan.steps.push({
        resource: key,
        phase: "create host",
        says: `create host ${host}`,
        cost: "none",
        creates: [owned.host(host)],
        ops: [{ op: "mkdir", path: hostPath(host) }],
      });
    }
    plan.steps.push({
      resource: key,
      phase: "allow host",
      says: `allow host ${host} into ${resource.nqn}`,
      cost: "none",
      creates: [owned.allowedHost(resource.nqn, host)],
      ops: [{ op: "symlink", path: allowedHostPath(resource.nqn, host), to: hostPath(host) }],
    });
  }
  if (!resource.exclusive || has === undefined) return plan;
  return joinPlans([plan, planRevocation(goal, has, seen, memory)]);
}
