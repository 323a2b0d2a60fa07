import type { ObservedSubsystem, Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, type Memory, type Plan } from "../kind.ts";
import { allowedHostPath, hostPath, owned } from "../paths.ts";

/** Links to the hosts that are allowed; a host that nvmet does not know yet is made, without keys. */
export function planHosts(
  { key, resource }: Goal<"nvmet_subsystem">,
  has: ObservedSubsystem | undefined,
  seen: Seen<"nvmet">,
  memory: Memory,
): Plan {
  const plan = emptyPlan();
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
  if (!resource.exclusive) return plan;
  for (const { link, nqn: host } of has?.allowedHosts ?? []) {
    if (resource.allowed_hosts?.some((each) => each === host)) continue;
    if (memory.owned.has(owned.allowedHost(resource.nqn, host)))
      plan.steps.push(revokeStep(key, resource.nqn, host, link));
  }
  return plan;
}

/** A session that lives goes on: unlinking only refuses the next connect (nvmet-abi 3). */
export function revokeStep(key: string, subsystem: string, host: string, link: string): Plan["steps"][number] {
  return {
    resource: key,
    phase: "revoke host",
    says: `revoke host ${host} from ${subsystem}`,
    cost: "path loss",
    removes: [owned.allowedHost(subsystem, host)],
    ops: [{ op: "unlink", path: allowedHostPath(subsystem, link) }],
  };
}
