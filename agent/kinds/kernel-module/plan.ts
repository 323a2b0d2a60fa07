import type { KernelModule } from "../../../shared/modules/kinds/kernel-module.ts";
import type { Step } from "../../engine/step.ts";
import type { ObservedKernel, Section, Seen } from "../../observe/observed.ts";
import { emptyPlan, type Goal, type Memory, type Plan, type Wanted } from "../kind.ts";
import { owned } from "../paths.ts";
import { moduleRemedy } from "./sources.ts";

type Sees = Seen<"kernel"> & Partial<Seen<"parameters">>;

/** Parameters are read only where a task asks for one. */
export function needs(wanted: Wanted): readonly Section[] {
  return wanted.goals("kernel_module").some(({ resource }) => resource.parameters !== undefined) ? ["parameters"] : [];
}

export function plan(wanted: Wanted, seen: Sees, memory: Memory): Plan {
  const plan = emptyPlan();
  for (const goal of wanted.goals("kernel_module")) {
    const names = namesOf(goal.resource);
    // A list is written in the order of loading: what was loaded last goes first.
    if (goal.state === "absent") for (const name of names.toReversed()) unload(plan, goal, name, seen.kernel, memory);
    else for (const name of names) load(plan, goal, name, seen);
  }
  return plan;
}

/** The initiator's transports: such a module is not busy while controllers use it (drivers/nvme/host/tcp.c, nvme_tcp_cleanup_module). */
const initiatorTransports: Readonly<Record<string, string>> = {
  nvme_tcp: "tcp",
  nvme_rdma: "rdma",
  nvme_fc: "fc",
  nvme_loop: "loop",
};

const namesOf = ({ name }: KernelModule) => [name].flat().map((each) => each.replaceAll("-", "_"));

function load(plan: Plan, { key, resource }: Goal<"kernel_module">, name: string, { kernel, parameters }: Sees): void {
  const loaded = kernel.modules.has(name);
  const wanted = Object.fromEntries(
    Object.entries(resource.parameters ?? {}).map(([each, value]) => [each, String(value)]),
  );
  if (!loaded) {
    if (kernel.available.has(name)) plan.steps.push(loadStep(key, name, wanted));
    else plan.refusals.push(missing(key, name, kernel));
    return;
  }
  for (const [parameter, value] of Object.entries(wanted)) {
    const has = parameters?.get(name)?.[parameter];
    if (has !== undefined && normal(has) === normal(value)) continue;
    plan.refusals.push({
      resource: key,
      error: {
        code: "plan_refused",
        message: `cannot set ${parameter}=${value} of kernel module ${name}: it is loaded with ${has === undefined ? "no such parameter" : `${parameter}=${has}`}`,
        hint: "a loaded module keeps its parameters: unload it when nothing uses it, or set them for the next boot in /etc/modprobe.d",
      },
    });
  }
}

/** The step that loads a module: also the first step of kinds that cannot do without it. */
export function loadStep(key: string, name: string, parameters: Readonly<Record<string, string>> = {}): Step {
  return {
    resource: key,
    phase: "load module",
    says: `load kernel module ${name}`,
    cost: "none",
    creates: [owned.module(name)],
    ops: [{ op: "modprobe", name, parameters }],
  };
}

/** The refusal where this kernel has no such module. */
export function missing(key: string, name: string, kernel: ObservedKernel) {
  return {
    resource: key,
    error: {
      code: "module_missing" as const,
      message: `cannot load kernel module ${name}: Linux ${kernel.release} has no such module`,
      hint: moduleRemedy(name, kernel.release),
    },
  };
}

function unload(
  plan: Plan,
  { key }: Goal<"kernel_module">,
  name: string,
  kernel: ObservedKernel,
  memory: Memory,
): void {
  if (!kernel.modules.has(name)) return;
  // Other kernel modules and other people may have come to use what we found loaded: only what we loaded is ours to unload.
  if (!memory.owned.has(owned.module(name))) return;
  const transport = initiatorTransports[name];
  plan.steps.push({
    resource: key,
    phase: "unload module",
    says: `unload kernel module ${name}`,
    cost: "none",
    removes: [owned.module(name)],
    ...(transport !== undefined && { guards: [{ guard: "no controllers", transport }] }),
    ops: [{ op: "unloadModule", name }],
  });
}

/** sysfs shows a bool as Y or N, people write 1, true or yes. */
function normal(value: string): string {
  const text = value.trim().toLowerCase();
  if (["y", "yes", "1", "true", "on"].includes(text)) return "1";
  if (["n", "no", "0", "false", "off"].includes(text)) return "0";
  return text;
}
