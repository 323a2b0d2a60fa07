import type { KindName } from "../../shared/modules/kinds/kinds.ts";
import type { SecretRef } from "../../shared/modules/kinds/secret-ref.ts";
import type { Json, JsonRecord } from "../../shared/protocol/json.ts";
import type { Leg, Volume, VolumePort } from "./volume.ts";

/** What a volume asks of one node. */
export interface Wanted {
  kind: KindName;
  resource: JsonRecord & { state: "present" | "absent" };
  /** It is not the volume's alone. */
  shared?: true;
}

/** References to DH-HMAC-CHAP keys of an initiator, by the names that they have at an end. */
export type KeysAt<F extends string> = Partial<Record<F, SecretRef>>;
export type TargetKeys = KeysAt<"dhchap_key" | "dhchap_ctrl_key">;
export type InitiatorKeys = KeysAt<"dhchap_secret" | "dhchap_ctrl_secret">;

const present = { state: "present" } as const;
const absent = { state: "absent" } as const;

/** A target's end for one initiator: the host with its keys, a listener for each path, the subsystem with its one namespace. */
export function targetResources(volume: Volume, leg: Leg, hostnqn: string, keys: TargetKeys): Wanted[] {
  const { nqn, nsid, uuid, nguid, serial, transport, legs } = volume;
  const isOneOfSeveral = legs.length > 1;
  const groups = isOneOfSeveral ? { ana_groups: [{ id: 1, state: leg.ana }] } : {};
  return [
    ...(Object.keys(keys).length === 0
      ? []
      : [{ kind: "nvmet_host", resource: { nqn: hostnqn, ...keys, ...present } } as const]),
    ...leg.ports.map(
      ({ id, address, service_id, shared }): Wanted => ({
        kind: "nvmet_port",
        resource: { id, transport, address, service_id, ...groups, ...present },
        ...(shared === true ? { shared } : {}),
      }),
    ),
    {
      kind: "nvmet_subsystem",
      resource: {
        nqn,
        serial,
        allow_any_host: false,
        allowed_hosts: [hostnqn],
        ...(isOneOfSeveral ? { cntlid_min: leg.cntlid.min, cntlid_max: leg.cntlid.max } : {}),
        namespaces: [{ nsid, device: leg.device, uuid, nguid, ...present }],
        ports: leg.ports.map(({ id }) => id),
        ...present,
      },
    },
  ];
}

/** What is left of a target's end without the ports that its paths have left; `stays`: others still need it. */
export function withoutLeaving(
  volume: Volume,
  { ports }: Leg,
  links: readonly Json[],
  stays: (port: VolumePort) => boolean,
): Wanted[] {
  const leaving = ports.filter((port) => port.leaving === true);
  const gone = new Set<Json>(leaving.map(({ id }) => id));
  return [
    {
      kind: "nvmet_subsystem",
      resource: { nqn: volume.nqn, ports: links.filter((id) => !gone.has(id)), exclusive: true, ...present },
    },
    ...portTombstones(volume, leaving, stays),
  ];
}

/** A target's end is no more. */
export function targetTombstones(volume: Volume, { ports }: Leg, stays: (port: VolumePort) => boolean): Wanted[] {
  return [
    { kind: "nvmet_subsystem", resource: { nqn: volume.nqn, ...absent } },
    ...portTombstones(volume, ports, stays),
  ];
}

function portTombstones(
  { transport }: Volume,
  ports: readonly VolumePort[],
  stays: (port: VolumePort) => boolean,
): Wanted[] {
  return ports
    .filter((port) => !stays(port))
    .map(({ address, service_id, shared }) => ({
      kind: "nvmet_port",
      resource: { transport, address, service_id, ...absent },
      ...(shared === true ? { shared } : {}),
    }));
}

/** The initiator's end: one connection, a path to each of these listeners. */
export function connection(
  { nqn, transport, connect }: Volume,
  ports: readonly VolumePort[],
  keys: InitiatorKeys,
): Wanted {
  const paths = ports.map(({ address, service_id }) => ({ transport, address, service_id }));
  return { kind: "nvme_connection", resource: { nqn, paths, ...connect, ...keys, ...present } };
}

/** Every listener that an initiator should have a path to. */
export function stayingPorts({ legs }: Volume): VolumePort[] {
  return legs.flatMap(({ ports }) => ports.filter(({ leaving }) => leaving === undefined));
}

export function hasLeaving({ legs }: Volume): boolean {
  return legs.some(({ ports }) => ports.some(({ leaving }) => leaving === true));
}
