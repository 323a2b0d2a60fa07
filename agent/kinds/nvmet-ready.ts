import type { Seen } from "../observe/observed.ts";
import { loadStep, missing } from "./kernel-module/plan.ts";
import type { Plan } from "./kind.ts";

/**
 * Adds the steps that make nvmet's configfs tree appear where it is missing: nothing autoloads it. False, with a refusal in
 * the plan, where this kernel has no nvmet.
 */
export function nvmetReady(plan: Plan, key: string, seen: Seen<"kernel" | "nvmet">): boolean {
  const { kernel, nvmet } = seen;
  if (nvmet.present) return true;
  if (!kernel.modules.has("nvmet")) {
    if (!kernel.available.has("nvmet")) {
      plan.refusals.push(missing(key, "nvmet", kernel));
      return false;
    }
    plan.steps.push(loadStep(key, "nvmet"));
  }
  if (!kernel.configfsMounted) {
    plan.steps.push({
      resource: key,
      phase: "load module",
      says: "mount configfs on /sys/kernel/config",
      cost: "none",
      ops: [{ op: "mountConfigfs" }],
    });
  }
  return true;
}
