import type { FabricsController, FabricsSubsystem } from "../../observe/observed.ts";
import type { Op } from "../../system/system.ts";
import type { Goal, Memory, Plan } from "../kind.ts";
import { controllerPath, owned } from "../paths.ts";
import { controllerEndpoint } from "./find.ts";
import { planKeys } from "./keys.ts";

/** What can be changed on a live controller through sysfs, without a reconnect. */
export function planTuning(plan: Plan, goal: Goal<"nvme_connection">, has: FabricsSubsystem, memory: Memory): void {
  const { key, resource } = goal;
  if (resource.iopolicy !== undefined && has.iopolicy !== resource.iopolicy) {
    if (has.iopolicy === undefined) {
      plan.refusals.push({
        resource: key,
        error: {
          code: "kernel_lacks",
          message: `cannot set iopolicy ${resource.iopolicy} of ${resource.nqn}: this kernel runs without NVMe multipath`,
          hint: "leave iopolicy out, or boot with nvme_core.multipath=Y",
        },
      });
    } else {
      plan.steps.push({
        resource: key,
        phase: "tune",
        says: `set iopolicy of ${resource.nqn} to ${resource.iopolicy} (was ${has.iopolicy})`,
        cost: "none",
        ops: [{ op: "write", path: `/sys/class/nvme-subsystem/${has.name}/iopolicy`, value: resource.iopolicy }],
      });
    }
  }
  for (const controller of has.controllers) {
    // What others connected keeps its timeouts and keys.
    if (!memory.owned.has(owned.path(resource.nqn, controllerEndpoint(controller)))) continue;
    tuneTimeouts(plan, goal, controller);
    planKeys(plan, goal, controller, memory);
  }
}

function tuneTimeouts(plan: Plan, goal: Goal<"nvme_connection">, controller: FabricsController): void {
  const ops = timeoutOps(goal, controller);
  if (ops.length === 0) return;
  plan.steps.push({
    resource: goal.key,
    phase: "tune",
    says: `set ${ops.map(({ name, value, has }) => `${name} to ${value} (was ${has})`).join(", ")} of ${controller.name}`,
    cost: "none",
    ops: ops.map(({ name, value }): Op => ({ op: "write", path: `${controllerPath(controller.name)}/${name}`, value })),
  });
}

const timeouts = ["reconnect_delay", "ctrl_loss_tmo", "fast_io_fail_tmo"] as const;

function timeoutOps({ resource }: Goal<"nvme_connection">, { attributes }: FabricsController) {
  return timeouts.flatMap((name) => {
    const wanted = resource[name];
    const has = attributes[name];
    if (wanted === undefined || has === undefined || reads(name, wanted, resource.reconnect_delay, attributes) === has)
      return [];
    return [{ name, value: String(wanted), has }];
  });
}

/** ctrl_loss_tmo is kept as a count of tries, so it reads back rounded up to the delay (nvmet-abi 5). */
function reads(
  name: string,
  wanted: number,
  delay: number | undefined,
  attributes: Readonly<Record<string, string>>,
): string {
  if (wanted < 0) return "off";
  if (name !== "ctrl_loss_tmo") return String(wanted);
  const each = delay ?? Number(attributes.reconnect_delay ?? 10);
  return String(each > 0 ? Math.ceil(wanted / each) * each : wanted);
}
