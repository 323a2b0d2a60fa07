import { doNotRetry, statuses } from "../../../../shared/nvme/discovery/status.ts";
import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import { setupRefusal } from "./authentication.ts";
import type { TargetController } from "./controllers.ts";
import type { Nvmet } from "./core.ts";
import type { NvmetHost, Port, Subsystem } from "./state.ts";

/** NQN_LEN less its NUL: how much of a directory's name hosts can say. */
export const longestNqn = 223;

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
  if (subsystem === null) {
    nvmet.say(`connect request for invalid subsystem ${asked.subsystem}!`);
    return { status: statuses.connectInvalidParameter | doNotRetry };
  }
  const host = subsystem && allowedHost(subsystem, asked.hostnqn);
  if (subsystem !== undefined && !subsystem.allowAnyHost && host === undefined) {
    nvmet.say(`connect by host ${asked.hostnqn} for subsystem ${asked.subsystem} not allowed`);
    return { status: statuses.connectInvalidHost | doNotRetry };
  }
  // Before 6.1 the last id is not given out (ida_simple_get ends before its maximum).
  const last = nvmet.kernel.does.cntlidMaxIncluded ? 0 : 1;
  const range = { least: subsystem?.cntlidMin ?? 1, most: (subsystem?.cntlidMax ?? 0xffef) - last };
  const key = subsystem?.allowAnyHost === false && host !== undefined && host.key !== "" ? host : undefined;
  const status = key && setupRefusal(nvmet, key);
  if (status !== undefined) return { status };
  const controller = nvmet.controllers.add(range, (cntlid) => ({
    cntlid,
    subsystem,
    port,
    hostnqn: asked.hostnqn,
    ...act,
  }));
  if (controller === undefined) return { status: statuses.connectBusy | doNotRetry };
  nvmet.say(creation(nvmet, controller, key));
  return { controller, key };
}

function creation(
  { kernel, discoveryNqn: own }: Nvmet,
  controller: TargetController,
  key: NvmetHost | undefined,
): string {
  const { subsystem, cntlid, hostnqn } = controller;
  const type = subsystem === undefined ? "discovery " : "nvm ";
  const what = `${kernel.does.controllerTypeLogged ? type : ""}controller ${cntlid}`;
  const nqn = subsystem?.nqn.slice(0, longestNqn) ?? own;
  const how = key === undefined ? "" : " with DH-HMAC-CHAP";
  return `${kernel.does.createdLogged ? "Created" : "creating"} ${what} for subsystem ${nqn} for NQN ${hostnqn}${how}.`;
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

/** Whose keys count for a controller that is there (nvmet_setup_auth): undefined where its host is no longer allowed. */
export function hostOf({ subsystem, hostnqn }: TargetController): NvmetHost | "any" | undefined {
  return subsystem === undefined || subsystem.allowAnyHost ? "any" : allowedHost(subsystem, hostnqn);
}
