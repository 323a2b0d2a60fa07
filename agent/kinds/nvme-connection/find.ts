import type { NvmeConnection, Path } from "../../../shared/modules/kinds/nvme-connection.ts";
import { renderEndpoint, Transport } from "../../../shared/nvme/address.ts";
import type { FabricsController, FabricsSubsystem, ObservedFabrics } from "../../observe/observed.ts";

/** The subsystem with the controllers of one host NQN; before 5.10 sysfs does not say whose they are. */
export function findSubsystem(
  { nqn }: NvmeConnection,
  identity: { hostnqn: string } | undefined,
  fabrics: ObservedFabrics,
): FabricsSubsystem | undefined {
  const found = fabrics.subsystems.find((subsystem) => subsystem.nqn === nqn);
  if (found === undefined || identity === undefined) return found;
  const controllers = found.controllers.filter(({ hostnqn }) => hostnqn === undefined || hostnqn === identity.hostnqn);
  return controllers.length === 0 ? undefined : { ...found, controllers };
}

export function pathEndpoint({ transport, address, service_id }: Path): string {
  return renderEndpoint({ transport, address, serviceId: service_id });
}

export function controllerEndpoint({ transport, address, serviceId }: FabricsController): string {
  const known = Transport.safeParse(transport);
  return known.success ? renderEndpoint({ transport: known.data, address, serviceId }) : `${transport} ${address}`;
}
