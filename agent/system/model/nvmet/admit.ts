import { dhchapKeyProblem } from "../../../../shared/nvme/dhchap.ts";
import { doNotRetry, statuses } from "../../../../shared/nvme/discovery/status.ts";
import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import type { TargetController } from "./controllers.ts";
import type { Nvmet } from "./core.ts";
import type { NvmetHost, Port, Subsystem } from "./state.ts";

/** NQN_LEN less its NUL: how much of a directory's name hosts can say. */
const longestNqn = 223;

export interface Admission {
  controller: TargetController;
  /** Whose key the host must prove; undefined: nobody asks. */
  key: NvmetHost | undefined;
}

/**
 * What nvmet answers to Connect on an admin queue: a controller, or an NVMe status (nvmet_alloc_ctrl). Discovery takes
 * every host and asks for no key; allow_any_host asks for none either.
 */
export function admit(
  nvmet: Nvmet,
  port: Port,
  asked: { subsystem: string; hostnqn: string },
  act: Pick<TargetController, "shut" | "namespacesChanged" | "discoveryChanged">,
): Admission | { status: number } {
  const subsystem = isDiscovery(nvmet, asked.subsystem) ? undefined : subsystemOn(port, asked.subsystem);
  if (subsystem === null) return { status: statuses.connectInvalidParameter | doNotRetry };
  const host = subsystem && allowedHost(subsystem, asked.hostnqn);
  if (subsystem !== undefined && !subsystem.allowAnyHost && host === undefined) {
    return { status: statuses.connectInvalidHost | doNotRetry };
  }
  const range = { least: subsystem?.cntlidMin ?? 1, most: subsystem?.cntlidMax ?? 0xfff0 };
  const key = subsystem?.allowAnyHost === false && host !== undefined && host.key !== "" ? host : undefined;
  if (key !== undefined && isBroken(key)) return { status: statuses.internal };
  const controller = nvmet.controllers.add(range, (cntlid) => ({
    cntlid,
    subsystem,
    port,
    hostnqn: asked.hostnqn,
    ...act,
  }));
  if (controller === undefined) return { status: statuses.connectBusy | doNotRetry };
  return { controller, key };
}

function isDiscovery(nvmet: Nvmet, nqn: string): boolean {
  return nqn === discoveryNqn || nqn === nvmet.discoveryNqn;
}

/** null where the port has no subsystem of this name. */
function subsystemOn(port: Port, nqn: string): Subsystem | null {
  for (const subsystem of port.subsystems) {
    if (subsystem.nqn.slice(0, longestNqn) === nqn) return subsystem;
  }
  return null;
}

function allowedHost({ allowed }: Subsystem, hostnqn: string): NvmetHost | undefined {
  return [...allowed].find(({ nqn }) => nqn === hostnqn);
}

function isBroken({ key, ctrlKey }: NvmetHost): boolean {
  return [key, ctrlKey].some((each) => each !== "" && dhchapKeyProblem(each) !== undefined);
}
