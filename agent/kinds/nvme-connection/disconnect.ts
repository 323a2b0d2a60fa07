import type { Guard } from "../../engine/step.ts";
import type { Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, type Memory, type Plan } from "../kind.ts";
import { notOurs } from "../not-ours.ts";
import { controllerPath, owned } from "../paths.ts";
import { controllerEndpoint, findSubsystem } from "./find.ts";

/** Disconnects the controllers of one subsystem that `which` chooses. The last live path goes only from under an unused disk. */
export function planDisconnect(
  { key, resource }: Goal<"nvme_connection">,
  seen: Seen<"host" | "fabrics">,
  memory: Memory,
  which: (endpoint: string) => boolean = () => true,
): Plan {
  const plan = emptyPlan();
  const hostnqn = resource.hostnqn ?? seen.host.hostnqn;
  const has = findSubsystem(resource, hostnqn === undefined ? undefined : { hostnqn }, seen.fabrics);
  if (has === undefined) return plan;
  const going = has.controllers.filter((controller) => which(controllerEndpoint(controller)));
  const all = findSubsystem(resource, undefined, seen.fabrics)?.controllers ?? [];
  const live = all.filter(
    (controller) => controller.state === "live" && !going.some(({ name }) => name === controller.name),
  );
  const guards: Guard[] = live.length > 0 ? [] : has.namespaces.map(({ path }) => ({ guard: "free", device: path }));
  for (const controller of going) {
    const endpoint = controllerEndpoint(controller);
    if (!memory.owned.has(owned.path(resource.nqn, endpoint))) {
      if (resource.state === "absent")
        plan.refusals.push(notOurs(key, `${controller.name}, the connection to ${resource.nqn} over ${endpoint}`));
      continue;
    }
    plan.steps.push({
      resource: key,
      phase: "disconnect",
      says: `disconnect ${resource.nqn} over ${endpoint} (${controller.name})`,
      cost: live.length > 0 ? "path loss" : "data risk",
      removes: [owned.path(resource.nqn, endpoint)],
      guards,
      ops: [{ op: "write", path: `${controllerPath(controller.name)}/delete_controller`, value: "1" }],
    });
  }
  return plan;
}
