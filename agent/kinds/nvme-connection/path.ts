import { connectOptionFields, type NvmeConnection, type Path } from "../../../shared/modules/kinds/nvme-connection.ts";
import type { Guard } from "../../engine/step.ts";
import type { FabricsController, FabricsSubsystem, ObservedFabrics } from "../../observe/observed.ts";
import type { ConnectOptions } from "../../system/system.ts";
import type { Goal, Memory, Plan } from "../kind.ts";
import { missingKey } from "../missing-key.ts";
import type { Identity } from "../nvme-host-identity/identity.ts";
import { owned } from "../paths.ts";
import { controllerEndpoint, pathEndpoint } from "./find.ts";

/** One path: connected where it is not, waited for where it is on its way. */
export function planPath(
  plan: Plan,
  { key, resource }: Goal<"nvme_connection">,
  path: Path,
  identity: Identity,
  has: FabricsSubsystem | undefined,
  fabrics: ObservedFabrics,
  memory: Memory,
): void {
  const endpoint = pathEndpoint(path);
  const controller = has?.controllers.find((each) => controllerEndpoint(each) === endpoint && each.state !== "dead");
  if (controller !== undefined) {
    if (controller.state !== "live") plan.waits.push(waitFor(key, resource, endpoint, controller));
    return;
  }
  const options = connectOptions(plan, key, resource, path, identity, memory);
  if (options === undefined) return;
  const lacks = fabrics.options.size === 0 ? [] : Object.keys(options).filter((name) => !fabrics.options.has(name));
  if (lacks.length > 0) {
    plan.refusals.push({
      resource: key,
      error: {
        code: "kernel_lacks",
        message: `cannot connect ${resource.nqn} with ${lacks.join(", ")}: this kernel's nvme-fabrics does not know ${lacks.length === 1 ? "it" : "them"}`,
        hint: "leave the option out, or run a kernel that has it",
      },
    });
    return;
  }
  plan.steps.push({
    resource: key,
    phase: "connect",
    says: `connect ${resource.nqn} over ${endpoint}`,
    cost: "none",
    creates: [owned.path(resource.nqn, endpoint)],
    guards: answers(path),
    ops: [{ op: "connect", options }],
  });
}

/** A connect that nobody answers takes seconds, and /dev/nvme-fabrics does one at a time. */
function answers({ transport, address, service_id }: Path): Guard[] {
  return transport === "tcp" ? [{ guard: "answers", address, port: Number(service_id) }] : [];
}

function waitFor(key: string, { nqn }: NvmeConnection, endpoint: string, { name, state }: FabricsController) {
  return {
    resource: key,
    says: `${name} (${endpoint}) to become live, it is ${state}`,
    error: {
      code: "not_converging" as const,
      message: `${name}, the path of ${nqn} over ${endpoint}, is ${state} and not live`,
      hint: "the kernel keeps trying: look whether the target listens and lets this host in (flashfleet health)",
    },
  };
}

const optionNames = Object.keys(connectOptionFields) as (keyof typeof connectOptionFields)[];

/** Everything is said explicitly: trsvcid defaults to 8009, and a host NQN goes with its host id or is refused. */
function connectOptions(
  plan: Plan,
  key: string,
  resource: NvmeConnection,
  path: Path,
  identity: Identity,
  memory: Memory,
): ConnectOptions | undefined {
  const options: Record<string, ConnectOptions[string]> = {
    transport: path.transport,
    traddr: path.address,
    trsvcid: path.service_id,
    nqn: resource.nqn,
    hostnqn: identity.hostnqn,
    hostid: identity.hostid,
    // The kernel's ten minutes turn a long outage into a lost disk.
    ctrl_loss_tmo: -1,
  };
  if (path.host_address !== undefined) options.host_traddr = path.host_address;
  if (path.host_interface !== undefined) options.host_iface = path.host_interface;
  for (const name of optionNames) {
    const value = resource[name];
    if (value === true || typeof value === "number") options[name] = value;
  }
  for (const name of ["dhchap_secret", "dhchap_ctrl_secret"] as const) {
    const ref = resource[name];
    if (ref === undefined) continue;
    const value = memory.secret(ref);
    if (value === undefined) {
      plan.refusals.push(missingKey(key, `connect ${resource.nqn}`, ref));
      return undefined;
    }
    options[name] = value;
  }
  return options;
}
