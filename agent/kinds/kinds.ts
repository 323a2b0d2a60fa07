import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import { connectionFocus, hostFocus, identityFocus, moduleFocus, portFocus, subsystemFocus } from "./focus.ts";
import * as kernelModule from "./kernel-module/current.ts";
import { needs as kernelModuleNeeds, plan as planKernelModule } from "./kernel-module/plan.ts";
import type { Kind } from "./kind.ts";
import * as nvmeConnection from "./nvme-connection/current.ts";
import { plan as planNvmeConnection } from "./nvme-connection/plan.ts";
import * as nvmeHostIdentity from "./nvme-host-identity/current.ts";
import { plan as planNvmeHostIdentity } from "./nvme-host-identity/plan.ts";
import * as nvmetHost from "./nvmet-host/current.ts";
import { plan as planNvmetHost } from "./nvmet-host/plan.ts";
import * as nvmetPort from "./nvmet-port/current.ts";
import { plan as planNvmetPort } from "./nvmet-port/plan.ts";
import * as nvmetSubsystem from "./nvmet-subsystem/current.ts";
import { needs as nvmetSubsystemNeeds, plan as planNvmetSubsystem } from "./nvmet-subsystem/plan.ts";
import { connectionResult, identityResult, subsystemResult } from "./results.ts";

/** Every kind that this agent can do. The engine reads this table and knows no kind by itself. */
export const kinds: { readonly [K in KindName]: Kind<K> } = {
  kernel_module: {
    sees: kernelModule.sees,
    current: kernelModule.current,
    needs: kernelModuleNeeds,
    focus: moduleFocus,
    plan: planKernelModule,
    result: () => ({}),
  },
  nvme_host_identity: {
    sees: nvmeHostIdentity.sees,
    current: nvmeHostIdentity.current,
    focus: identityFocus,
    plan: planNvmeHostIdentity,
    result: identityResult,
  },
  nvmet_host: {
    sees: nvmetHost.sees,
    current: nvmetHost.current,
    focus: hostFocus,
    plan: planNvmetHost,
    result: () => ({}),
  },
  nvmet_port: {
    sees: nvmetPort.sees,
    current: nvmetPort.current,
    alsoPlans: ["nvmet_subsystem"],
    focus: portFocus,
    plan: planNvmetPort,
    result: () => ({}),
  },
  nvmet_subsystem: {
    sees: nvmetSubsystem.sees,
    current: nvmetSubsystem.current,
    needs: nvmetSubsystemNeeds,
    focus: subsystemFocus,
    plan: planNvmetSubsystem,
    result: subsystemResult,
  },
  nvme_connection: {
    sees: nvmeConnection.sees,
    current: nvmeConnection.current,
    focus: connectionFocus,
    plan: planNvmeConnection,
    result: connectionResult,
  },
};
