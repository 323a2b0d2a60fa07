import type { z } from "zod";
import { kernelModule } from "./kernel-module.ts";
import { nvmeConnection } from "./nvme-connection.ts";
import { nvmeHostIdentity } from "./nvme-host-identity.ts";
import { nvmetHost } from "./nvmet-host.ts";
import { nvmetPort } from "./nvmet-port.ts";
import { nvmetSubsystem } from "./nvmet-subsystem.ts";

/** Every kind of resource, by the name that a task gives it. */
export const kinds = {
  kernel_module: kernelModule,
  nvme_host_identity: nvmeHostIdentity,
  nvmet_host: nvmetHost,
  nvmet_port: nvmetPort,
  nvmet_subsystem: nvmetSubsystem,
  nvme_connection: nvmeConnection,
} as const;

export type KindName = keyof typeof kinds;
export type ResourceOf<K extends KindName> = z.output<(typeof kinds)[K]["schema"]>;

export const kindNames = Object.keys(kinds) as [KindName, ...KindName[]];

export function isKindName(name: string): name is KindName {
  return Object.hasOwn(kinds, name);
}
