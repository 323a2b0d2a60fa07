import { nvmeConnection } from "../shared/modules/kinds/nvme-connection.ts";
import type { NodeId } from "../shared/protocol/ids.ts";
import type { Condition, Connection, Export, Report } from "../shared/protocol/report.ts";
import type { Spec } from "../shared/protocol/spec.ts";
import { isDiscovery } from "./kinds/nvme-connection/find.ts";
import { type Focus, nothing } from "./observe/focus.ts";
import type { Drive, FabricsSubsystem, Listener, ObservedPort, ObservedSubsystem, Seen } from "./observe/observed.ts";

/** The sections that a report is made of. */
export const reportSections = ["host", "nvmet", "fabrics", "listeners", "drives", "sizes"] as const;
export const reportFocus: Focus = { ...nothing, subsystems: "all", connections: "all", attributes: "reported" };
export type ReportSection = (typeof reportSections)[number];

interface Parts {
  node: NodeId;
  sequence: number;
  bootId: string;
  /** Wall clock, Unix milliseconds. */
  at: number;
  spec: Spec;
  conditions: Condition[];
}

/** What the node has, for the controller's judgement; it judges nothing itself. */
export function buildReport(seen: Seen<ReportSection>, parts: Parts): Report {
  const { node, sequence, bootId, at, spec, conditions } = parts;
  return {
    v: 1,
    node,
    sequence,
    bootId,
    at,
    generation: spec.generation,
    exports: seen.nvmet.subsystems.map((subsystem) => exportOf(subsystem, seen)),
    connections: connectionsOf(seen, spec),
    conditions,
    host: seen.host,
  };
}

function exportOf(
  subsystem: ObservedSubsystem,
  { nvmet, listeners, drives, sizes }: Seen<"nvmet" | "listeners" | "drives" | "sizes">,
): Export {
  return {
    nqn: subsystem.nqn,
    allowAnyHost: subsystem.attributes.attr_allow_any_host === "1",
    allowedHosts: subsystem.allowedHosts.map(({ nqn }) => nqn),
    namespaces: subsystem.namespaces.map(({ nsid, attributes }) => {
      const device = attributes.device_path ?? "";
      const size = drives.find((each) => isDrive(each, device))?.size ?? sizes.get(device);
      return {
        nsid,
        uuid: attributes.device_uuid ?? "",
        nguid: attributes.device_nguid ?? "",
        device,
        ...(size === undefined ? {} : { size }),
        enabled: attributes.enable === "1",
      };
    }),
    ports: nvmet.ports
      .filter(({ links }) => links.some(({ nqn }) => nqn === subsystem.nqn))
      .map((port) => portOf(port, listeners)),
  };
}

const isDrive = ({ path, byId }: Drive, device: string) => path === device || byId.includes(device);
const anyAddress = new Set(["0.0.0.0", "::"]);

function portOf({ id, attributes }: ObservedPort, listeners: readonly Listener[]): Export["ports"][number] {
  const transport = attributes.addr_trtype ?? "";
  const address = attributes.addr_traddr ?? "";
  const serviceId = attributes.addr_trsvcid ?? "";
  const listening = listeners.some(
    (each) => String(each.port) === serviceId && (each.address === address || anyAddress.has(each.address)),
  );
  // Only TCP listens on a socket that can be seen; of the others the link itself is the sign.
  return { id, transport, address, serviceId, listening: transport !== "tcp" || listening };
}

/** What is connected, and what the spec wants connected: also where nothing of it is there. */
function connectionsOf({ host, fabrics }: Seen<"host" | "fabrics">, spec: Spec): Connection[] {
  const declared = Object.values(spec.entries).flatMap((entry) => {
    if (entry.kind !== "nvme_connection" || entry.state !== "present") return [];
    const parsed = nvmeConnection.schema.safeParse(entry.resource);
    return parsed.success ? [parsed.data] : [];
  });
  const expectedOf = (nqn: string) =>
    declared
      .find((each) => each.nqn === nqn)
      ?.paths?.map(({ transport, address, service_id }) => ({ transport, address, serviceId: service_id }));
  const there = fabrics.subsystems
    .filter((subsystem) => !isDiscovery(subsystem))
    .map((subsystem) => connectionOf(subsystem, host.hostnqn ?? "", expectedOf(subsystem.nqn)));
  const missing = declared
    .filter(({ nqn }) => !fabrics.subsystems.some((subsystem) => subsystem.nqn === nqn))
    .map(({ nqn, hostnqn }) => ({
      nqn,
      hostnqn: hostnqn ?? host.hostnqn ?? "",
      expected: expectedOf(nqn) ?? [],
      paths: [],
      namespaces: [],
    }));
  return [...there, ...missing];
}

function connectionOf(subsystem: FabricsSubsystem, own: string, expected: Connection["expected"]): Connection {
  return {
    nqn: subsystem.nqn,
    hostnqn: subsystem.controllers[0]?.hostnqn ?? own,
    subsystem: subsystem.name,
    ...(subsystem.iopolicy === undefined ? {} : { iopolicy: subsystem.iopolicy }),
    ...(expected === undefined ? {} : { expected }),
    paths: subsystem.controllers.map(({ name, transport, address, serviceId, state }) => ({
      controller: name,
      transport: transport,
      address,
      serviceId,
      state,
    })),
    namespaces: subsystem.namespaces.map(({ nsid, uuid, nguid, path, size, paths }) => ({
      nsid,
      uuid,
      nguid,
      device: path,
      size,
      anaStates: Object.fromEntries(paths.map(({ controller, anaState }) => [controller, anaState])),
    })),
  };
}
