import type { Seen } from "../../observe/observed.ts";
import { loadStep, missing } from "../kernel-module/plan.ts";
import { emptyPlan, type Goal, joinPlans, type Memory, type Plan, type Wanted } from "../kind.ts";
import { decideIdentity, type Identity, identitySteps } from "../nvme-host-identity/identity.ts";
import { planDisconnect } from "./disconnect.ts";
import { findSubsystem, pathEndpoint } from "./find.ts";
import { planPath } from "./path.ts";
import { planTuning } from "./tune.ts";

type Sees = Seen<"kernel" | "host" | "fabrics">;

export function plan(wanted: Wanted, seen: Sees, memory: Memory): Plan {
  return joinPlans(
    wanted
      .goals("nvme_connection")
      .map((goal) => (goal.state === "absent" ? planDisconnect(goal, seen, memory) : connect(goal, seen, memory))),
  );
}

function connect(goal: Goal<"nvme_connection">, seen: Sees, memory: Memory): Plan {
  const plan = emptyPlan();
  const { key, resource } = goal;
  const paths = resource.paths ?? [];
  if (paths.length === 0) {
    plan.refusals.push({
      resource: key,
      error: {
        code: "bad_argument",
        message: `cannot connect ${resource.nqn}: it has no paths`,
        hint: "give it paths: [{ address: …, service_id: 4420 }]",
      },
    });
    return plan;
  }
  for (const transport of new Set(paths.map((path) => path.transport))) {
    const module = `nvme_${transport}`;
    if (seen.kernel.modules.has(module)) continue;
    if (!seen.kernel.available.has(module)) {
      plan.refusals.push(missing(key, module, seen.kernel));
      return plan;
    }
    plan.steps.push(loadStep(key, module));
  }
  const identity = ownIdentity(plan, goal, seen, memory);
  const has = findSubsystem(resource, identity, seen.fabrics);
  for (const path of paths) planPath(plan, goal, path, identity, has, seen.fabrics, memory);
  if (plan.refusals.length > 0) return plan;
  // A disk that is there counts; more than one path adds no disk.
  const live = has?.controllers.some(({ state }) => state === "live") ?? false;
  if (live && !has?.namespaces.some(({ size }) => size > 0)) {
    plan.waits.push({
      resource: key,
      says: `a block device of ${resource.nqn}`,
      error: {
        code: "not_converging",
        message: `connected to ${resource.nqn}, but no block device has appeared`,
        hint: "look at the target: is a namespace enabled there? (flashfleet facts, nvme list-ns)",
      },
    });
  }
  if (has !== undefined) planTuning(plan, goal, has, memory);
  if (resource.exclusive && has !== undefined) {
    const named = new Set(paths.map(pathEndpoint));
    return joinPlans([plan, planDisconnect(goal, seen, memory, (endpoint) => !named.has(endpoint))]);
  }
  return plan;
}

/** The identity to connect with: the one the task names, else the node's own, made now where it has none. */
function ownIdentity(plan: Plan, { key, resource }: Goal<"nvme_connection">, seen: Sees, memory: Memory): Identity {
  if (resource.hostnqn !== undefined) {
    return decideIdentity({ hostnqn: resource.hostnqn, hostid: resource.hostid }, {}, memory.freshUuid);
  }
  const identity = decideIdentity({}, seen.host, memory.freshUuid);
  plan.steps.push(...identitySteps(key, identity, seen.host));
  return identity;
}
