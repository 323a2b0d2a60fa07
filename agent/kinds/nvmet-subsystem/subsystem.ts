import type { ObservedSubsystem, Seen } from "../../observe/observed.ts";
import { differences, lacking, lackingError, saySet, type WantedAttributes, writeOps } from "../attributes.ts";
import { derivedSerial } from "../derived.ts";
import { emptyPlan, type Goal, type Memory, type Plan } from "../kind.ts";
import { nvmetReady } from "../nvmet-ready.ts";
import { owned, subsystemPath } from "../paths.ts";
import { portsOf } from "../sessions.ts";

/** The directory and its attributes: those that freeze at the first Identify right after mkdir (nvmet-abi 2.3). */
export function planSubsystem(
  goal: Goal<"nvmet_subsystem">,
  has: ObservedSubsystem | undefined,
  seen: Seen<"kernel" | "nvmet">,
  memory: Memory,
): Plan {
  const plan = emptyPlan();
  const { key, resource } = goal;
  const pinned = memory.pins[key]?.serial;
  // A drawn serial would be another one after the next boot. One that we made and never exported may still have it.
  const drawn =
    has === undefined ||
    (memory.owned.has(owned.subsystem(resource.nqn)) && portsOf(resource.nqn, seen.nvmet).length === 0);
  const serial = resource.serial ?? pinned ?? (drawn ? derivedSerial(memory.node, resource.nqn) : undefined);
  const wanted: WantedAttributes = {
    attr_serial: serial,
    attr_model: resource.model,
    attr_firmware: resource.firmware,
    ...range(resource, has),
    attr_qid_max: resource.qid_max?.toString(),
    attr_allow_any_host: bit(resource.allow_any_host),
  };
  if (conflict(plan, goal, has)) return plan;
  const kept = serial ?? has?.attributes.attr_serial;
  if (kept !== undefined) plan.pins[key] = { serial: kept };
  if (has === undefined) {
    if (!nvmetReady(plan, key, seen)) return plan;
    plan.steps.push({
      resource: key,
      phase: "create subsystem",
      says: `create subsystem ${resource.nqn}`,
      cost: "none",
      creates: [owned.subsystem(resource.nqn)],
      ops: [{ op: "mkdir", path: subsystemPath(resource.nqn) }],
    });
  }
  const changes = differences(wanted, has?.attributes);
  const lacks = has === undefined ? [] : lacking(wanted, has.attributes);
  if (lacks.length > 0) plan.refusals.push({ resource: key, error: lackingError(lacks, `subsystem ${resource.nqn}`) });
  for (const change of changes) {
    const path = subsystemPath(resource.nqn);
    plan.steps.push({
      resource: key,
      phase: "create subsystem",
      says: `set ${saySet([change])} of subsystem ${resource.nqn}`,
      // From 6.2 every write of qid_max, of the same value even, disconnects all controllers.
      cost: has !== undefined && change.name === "attr_qid_max" ? "path loss" : "none",
      ops: writeOps(path, [change]),
    });
  }
  return plan;
}

const bit = (value: boolean | undefined) => (value === undefined ? undefined : value ? "1" : "0");

/** The kernel checks min against max at each write, so the end that widens the range goes first. */
function range(resource: Goal<"nvmet_subsystem">["resource"], has: ObservedSubsystem | undefined): WantedAttributes {
  const min = { attr_cntlid_min: resource.cntlid_min?.toString() };
  const max = { attr_cntlid_max: resource.cntlid_max?.toString() };
  const maxNow = Number(has?.attributes.attr_cntlid_max ?? 65519);
  return (resource.cntlid_min ?? 0) > maxNow ? { ...max, ...min } : { ...min, ...max };
}

/** `allow_any_host` and allowed hosts exclude each other, in the kernel as well (EINVAL). */
function conflict(plan: Plan, { key, resource }: Goal<"nvmet_subsystem">, has: ObservedSubsystem | undefined): boolean {
  const refuse = (message: string, hint: string) => {
    plan.refusals.push({ resource: key, error: { code: "plan_refused", message, hint } });
    return true;
  };
  const hosts = resource.allowed_hosts ?? [];
  const linked = has?.allowedHosts.map(({ nqn }) => nqn) ?? [];
  if (resource.allow_any_host && hosts.length > 0) {
    return refuse(
      `cannot let any host into ${resource.nqn} and restrict it to ${hosts.join(", ")}`,
      "leave out allowed_hosts, or say allow_any_host: false",
    );
  }
  if (resource.allow_any_host && linked.length > 0 && !resource.exclusive) {
    return refuse(
      `cannot let any host into ${resource.nqn}: it is restricted to ${linked.join(", ")}`,
      "that would open it to everybody and switch off authentication; if you mean it, add allowed_hosts: [] and exclusive: true",
    );
  }
  if (resource.allow_any_host === undefined && hosts.length > 0 && has?.attributes.attr_allow_any_host === "1") {
    return refuse(
      `cannot restrict ${resource.nqn} to ${hosts.join(", ")}: it lets any host in`,
      "say allow_any_host: false in the same task; hosts that are connected now keep their sessions",
    );
  }
  return false;
}
