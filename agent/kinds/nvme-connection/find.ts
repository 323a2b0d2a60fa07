import type { NvmeConnection, Path } from "../../../shared/modules/kinds/nvme-connection.ts";
import { renderEndpoint, Transport } from "../../../shared/nvme/address.ts";
import { discoveryNqn } from "../../../shared/nvme/nqn.ts";
import type { FabricsController, FabricsSubsystem, ObservedFabrics } from "../../observe/observed.ts";

/**
 * The subsystem with the controllers of one host NQN; before 5.10 sysfs does not say whose they are. A controller that has
 * not been live yet stands in a subsystem of its own without a name: it belongs to the one with the same NQN.
 */
export function findSubsystem(
  { nqn }: Pick<NvmeConnection, "nqn">,
  identity: { hostnqn: string } | undefined,
  fabrics: ObservedFabrics,
): FabricsSubsystem | undefined {
  const same = fabrics.subsystems.filter((subsystem) => subsystem.nqn === nqn);
  const found = same.find(({ name }) => name !== "") ?? same[0];
  if (found === undefined) return undefined;
  const all = same.flatMap(({ controllers }) => controllers);
  const controllers = all.filter(
    ({ hostnqn }) => identity === undefined || hostnqn === undefined || hostnqn === identity.hostnqn,
  );
  return controllers.length === 0 && identity !== undefined ? undefined : { ...found, controllers };
}

/** A connection that only asks what there is: it has no disks, and nobody declares it. Its NQN may be unique (from 6.11). */
export function isDiscovery({ nqn, controllers }: FabricsSubsystem): boolean {
  return (
    nqn === discoveryNqn ||
    (controllers.length > 0 && controllers.every(({ attributes }) => attributes.cntrltype === "discovery"))
  );
}

export function pathEndpoint({
  transport,
  address,
  service_id,
}: Pick<Path, "transport" | "address" | "service_id">): string {
  return renderEndpoint({ transport, address, serviceId: service_id });
}

export function controllerEndpoint({ transport, address, serviceId }: FabricsController): string {
  const known = Transport.safeParse(transport);
  return known.success ? renderEndpoint({ transport: known.data, address, serviceId }) : `${transport} ${address}`;
}
