import type { ObservedSubsystem, Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, type Memory, type Plan, type Wanted } from "../kind.ts";
import { notOurs } from "../not-ours.ts";
import { hostPath, owned, subsystemPath } from "../paths.ts";
import { removeNamespace } from "./namespaces.ts";
import { revokeStep } from "./revocation.ts";

/** Takes a subsystem down: its links first (nvmet-port/links.ts), then what is inside, then itself. All of it must be ours. */
export function planRemoval(
  { key, resource: { nqn } }: Goal<"nvmet_subsystem">,
  has: ObservedSubsystem,
  memory: Memory,
): Plan {
  const plan = emptyPlan();
  if (!memory.owned.has(owned.subsystem(nqn))) {
    plan.refusals.push(notOurs(key, `subsystem ${nqn}`));
    return plan;
  }
  // The links come off first, and with them the guard for sessions: none is left when the namespaces go.
  for (const namespace of has.namespaces) removeNamespace(plan, key, nqn, namespace, memory, []);
  for (const { link, nqn: host } of has.allowedHosts) {
    if (memory.owned.has(owned.allowedHost(nqn, host))) plan.steps.push(revokeStep(key, nqn, host, link));
    else plan.refusals.push(notOurs(key, `allowed host ${host} of ${nqn}`));
  }
  plan.steps.push({
    resource: key,
    phase: "remove subsystem",
    says: `remove subsystem ${nqn}`,
    cost: "none",
    removes: [owned.subsystem(nqn)],
    ops: [{ op: "rmdir", path: subsystemPath(nqn) }],
  });
  return plan;
}

/**
 * Hosts that were made for the list of a subsystem alone: nobody declares them, nothing that stays lets them in. Looked for
 * among all that are ours, because an agent that was stopped half way has removed the subsystem that knew their names.
 */
export function planOrphanHosts(
  key: string,
  going: ReadonlySet<string>,
  wanted: Wanted,
  seen: Seen<"nvmet">,
  memory: Memory,
): Plan {
  const needed = new Set<string>([
    ...wanted.spec("nvmet_host").map(({ nqn }) => nqn),
    ...wanted.goals("nvmet_host").map(({ resource }) => resource.nqn),
    ...wanted.spec("nvmet_subsystem").flatMap(({ allowed_hosts }) => allowed_hosts ?? []),
    ...seen.nvmet.subsystems
      .filter(({ nqn }) => !going.has(nqn))
      .flatMap(({ allowedHosts }) => allowedHosts.map(({ nqn }) => nqn)),
  ]);
  const orphans = seen.nvmet.names.hosts.filter((nqn) => !needed.has(nqn) && memory.owned.has(owned.host(nqn)));
  return {
    ...emptyPlan(),
    steps: orphans.map((nqn) => ({
      resource: key,
      phase: "remove host",
      says: `remove host ${nqn}, which nothing else uses`,
      cost: "none",
      removes: [owned.host(nqn)],
      ops: [{ op: "rmdir", path: hostPath(nqn) }],
    })),
  };
}
