import type { ResourceOf } from "../../shared/modules/kinds/kinds.ts";
import type { Json } from "../../shared/protocol/json.ts";
import { formatSize } from "../../shared/size.ts";
import { type FabricsController, type Seen, unknownNsid } from "../observe/observed.ts";
import type { Memory } from "./kind.ts";
import { findSubsystem } from "./nvme-connection/find.ts";
import { decideIdentity } from "./nvme-host-identity/identity.ts";

/** What a task of each kind gives to `register`. */

export function identityResult(
  resource: ResourceOf<"nvme_host_identity">,
  { host }: Seen<"host">,
  memory: Memory,
): Json {
  const { hostnqn, hostid } = decideIdentity(resource, host, memory.freshUuid);
  return { hostnqn, hostid };
}

export function subsystemResult({ nqn }: ResourceOf<"nvmet_subsystem">, { nvmet }: Seen<"nvmet">): Json {
  const has = nvmet.subsystems.find((each) => each.nqn === nqn);
  return {
    nqn,
    serial: has?.attributes.attr_serial ?? null,
    namespaces: (has?.namespaces ?? []).map(({ nsid, attributes }) => ({
      nsid,
      device: attributes.device_path ?? null,
      uuid: attributes.device_uuid ?? null,
      enabled: attributes.enable === "1",
    })),
  };
}

/** Block devices by uuid: their kernel names change with every reconnect. */
export function connectionResult(resource: ResourceOf<"nvme_connection">, { fabrics }: Seen<"fabrics">): Json {
  const has = findSubsystem(resource, undefined, fabrics);
  // What can only be known once it is connected is left out of a check.
  const known = (has?.namespaces ?? []).filter(({ nsid }) => nsid !== unknownNsid);
  const devices = known.map(({ nsid, path, uuid, size }) => ({
    nsid,
    device: uuid === "" ? path : nameByUuid(uuid),
    path,
    uuid,
    size,
    size_human: formatSize(size),
  }));
  const first = devices[0];
  return {
    nqn: resource.nqn,
    ...(first === undefined ? {} : first),
    devices,
    paths: (has?.controllers ?? []).map(pathResult),
  };
}

/** udev's name of a namespace's disk, which outlives reconnects and boots. */
export function nameByUuid(uuid: string): string {
  return `/dev/disk/by-id/nvme-uuid.${uuid}`;
}

export function pathResult({ name, transport, address, serviceId, state }: FabricsController) {
  return { controller: name, transport, address, service_id: serviceId, state };
}
