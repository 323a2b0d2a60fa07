import type { Seen } from "../../observe/observed.ts";
import { emptyPlan, type Memory, type Plan, type Wanted } from "../kind.ts";
import { hostidFile, hostnqnFile, owned } from "../paths.ts";
import { decideIdentity, identitySteps } from "./identity.ts";

export function plan(wanted: Wanted, seen: Seen<"host" | "fabrics">, memory: Memory): Plan {
  const plan = emptyPlan();
  // In a check the goals of several tasks are planned together: what an earlier one disconnects does not stand in the way.
  const going = new Set<string>(
    wanted.goals("nvme_connection").flatMap(({ state, resource }) => (state === "absent" ? [resource.nqn] : [])),
  );
  for (const { key, state, resource } of wanted.goals("nvme_host_identity")) {
    const connected = seen.fabrics.subsystems
      .filter(({ nqn, controllers }) => controllers.length > 0 && !going.has(nqn))
      .map(({ nqn }) => nqn);
    const steps =
      state === "present"
        ? identitySteps(key, decideIdentity(resource, seen.host, memory.freshUuid), seen.host)
        : removal(key, seen, memory);
    const loses = seen.host.hostnqn !== undefined && steps.length > 0;
    if (loses && connected.length > 0) {
      plan.refusals.push({
        resource: key,
        error: {
          code: "device_in_use",
          message: `cannot change the host identity ${seen.host.hostnqn}: connected with it are ${connected.join(", ")}`,
          hint: "a target lets this node in by its host NQN: disconnect first, then change the identity and the targets' allowed hosts",
        },
      });
      continue;
    }
    plan.steps.push(...steps);
  }
  return plan;
}

function removal(key: string, seen: Seen<"host">, memory: Memory): Plan["steps"] {
  const files = [
    ...(seen.host.hostnqn === undefined ? [] : [hostnqnFile]),
    ...(seen.host.hostid === undefined ? [] : [hostidFile]),
  ];
  if (files.length === 0 || !memory.owned.has(owned.identity)) return [];
  return [
    {
      resource: key,
      phase: "unload module",
      says: `remove the host identity ${seen.host.hostnqn ?? ""}`.trimEnd(),
      cost: "none",
      removes: [owned.identity],
      ops: files.map((path) => ({ op: "unlink", path })),
    },
  ];
}
