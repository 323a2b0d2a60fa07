import type { FabricsController } from "../../observe/observed.ts";
import type { Goal, Memory, Plan } from "../kind.ts";
import { missingKey } from "../missing-key.ts";
import { controllerPath } from "../paths.ts";

/**
 * A key that was rotated: written to the controller, which authenticates again at once and keeps its session. The target's
 * end is rotated first (nvme-operations); with the old key, the next reconnect would be the last.
 */
export function planKeys(
  plan: Plan,
  { key, resource }: Goal<"nvme_connection">,
  { name, keys }: FabricsController,
  memory: Memory,
): void {
  for (const file of ["dhchap_secret", "dhchap_ctrl_secret"] as const) {
    const ref = resource[file];
    // Without the file, this kernel has no authentication, and the connect was refused.
    if (ref === undefined || keys === undefined || !(file in keys)) continue;
    const value = memory.secret(ref);
    const has = keys[file];
    if (value?.equals(has)) continue;
    if (value === undefined) {
      plan.refusals.push(missingKey(key, `set ${file} of ${name}`, ref));
    } else if (has === undefined) {
      plan.refusals.push({
        resource: key,
        error: {
          code: "plan_refused",
          message: `cannot set ${file} of ${name}: it was connected without one`,
          hint: "disconnect it (state: absent), then connect it anew",
        },
      });
    } else {
      plan.steps.push({
        resource: key,
        phase: "tune",
        says: `set ${file} of ${name} to [secret]`,
        cost: "none",
        ops: [{ op: "write", path: `${controllerPath(name)}/${file}`, value }],
      });
    }
  }
}
