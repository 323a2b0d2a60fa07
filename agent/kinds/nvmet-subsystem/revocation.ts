import type { OwnedKey } from "../../engine/step.ts";
import type { ObservedSubsystem, Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, type Memory, type Plan } from "../kind.ts";
import { allowedHostPath, owned } from "../paths.ts";
import { portsOf } from "../sessions.ts";
import { endingOf } from "./end-sessions.ts";

/**
 * Hosts that an exclusive list no longer names. Unlinking only refuses their next connect (nvmet-abi 3), so their sessions end
 * in the same step, and it is done when they have.
 */
export function planRevocation(
  { key, resource: { nqn, allowed_hosts, allow_any_host, end_sessions = true, ports } }: Goal<"nvmet_subsystem">,
  has: ObservedSubsystem,
  { nvmet, sessions = [] }: Seen<"nvmet"> & Partial<Seen<"sessions">>,
  memory: Memory,
): Plan {
  const plan = emptyPlan();
  const isWanted = (host: string) => allowed_hosts?.some((each) => each === host) === true;
  const linked = has.allowedHosts.filter(
    (host) => !isWanted(host.nqn) && memory.owned.has(owned.allowedHost(nqn, host.nqn)),
  );
  const unfinished = halfRevoked(nqn, has, memory).filter((host) => !isWanted(host));
  // What nvmet-port/links.ts unlinks in the same plan must not be linked again; its sessions end with it.
  const staying = portsOf(nqn, nvmet).filter(
    ({ id }) => ports?.includes(id) === true || !memory.owned.has(owned.link(id, nqn)),
  );
  // Who is let in anyway keeps the session.
  const ending =
    !end_sessions || allow_any_host || linked.length + unfinished.length === 0
      ? undefined
      : endingOf(has, staying, sessions);
  if (ending === undefined) {
    plan.steps.push(...linked.map(({ nqn: host, link }) => revokeStep(key, nqn, host, link)));
    return plan;
  }
  const hosts = [...linked.map((host) => host.nqn), ...unfinished];
  plan.steps.push({
    resource: key,
    phase: "revoke host",
    says: `revoke host ${hosts.join(", ")} from ${nqn} and ${ending.says}`,
    cost: "path loss",
    removes: hosts.map((host) => owned.allowedHost(nqn, host)),
    ops: [...linked.map(({ link }) => ({ op: "unlink" as const, path: allowedHostPath(nqn, link) })), ...ending.ops],
    ends: ending.ends,
  });
  return plan;
}

/** Of these the link is gone, and that the sessions are was never seen: they are recorded as ours until then. */
function halfRevoked(nqn: string, has: ObservedSubsystem, { owned: keys }: Memory): string[] {
  const start: OwnedKey = owned.allowedHost(nqn, "");
  const hosts = [...keys].filter((each) => each.startsWith(start)).map((each) => each.slice(start.length));
  return hosts.filter((host) => !has.allowedHosts.some((each) => each.nqn === host));
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
