import { largestBlock } from "../../shared/nvme/block.ts";
import type { Connection, Export, ReportedEndpoint } from "../../shared/protocol/report.ts";
import { formatSize } from "../../shared/size.ts";
import type { Pair, VolumePort } from "../pairing/volume.ts";
import type { LegEvidence, PairEvidence, VolumeEvidence } from "./pair-evidence.ts";

/** Something that is not as it was given out. degraded: it may cost the volume a path, its room or its privacy. */
export interface Drift {
  state: "degraded" | "drifted";
  says: string;
}

/** How a volume differs from what was given out, for all of its initiators. Of a target that is silent nothing is said. */
export function volumeDrift(of: VolumeEvidence): Drift[] {
  return [
    ...of.legs.filter(({ target }) => isHeard(target)).flatMap((leg) => legDrift(of, leg)),
    ...of.strangers.map((node) => degraded(`${node} is connected to it, and is none of its initiators`)),
  ];
}

/** How one initiator's part differs, at both ends. */
export function pairDrift({ of, pair, initiator, connection }: PairEvidence): Drift[] {
  const { hostnqn } = pair;
  const shut = of.legs.filter(
    ({ target, exported, allowed }) =>
      hostnqn !== undefined && isHeard(target) && exported?.allowAnyHost === false && !allowed.has(hostnqn),
  );
  return [
    ...shut.map(({ leg }) =>
      degraded(`${leg.target} no longer lets ${pair.initiator} in: it would not come back after a reconnect`),
    ),
    ...(isHeard(initiator) && connection !== undefined ? connectionDrift(of, pair, connection) : []),
  ];
}

const isHeard = (news: PairEvidence["initiator"]) => news?.report !== undefined && news.silentFor === undefined;
const degraded = (says: string): Drift => ({ state: "degraded", says });
const drifted = (says: string): Drift => ({ state: "drifted", says });

function legDrift(of: VolumeEvidence, { leg, exported }: LegEvidence): Drift[] {
  if (exported === undefined) return [degraded(`${leg.target} does not export it`)];
  return [
    ...namespaceDrift(of, leg.target, exported),
    ...portDrift(of, leg.target, leg.ports, exported),
    ...hostDrift(of, leg.target, exported),
  ];
}

const hex = (id: string) => id.replaceAll("-", "").toLowerCase();

function namespaceDrift({ volume }: VolumeEvidence, target: string, { namespaces }: Export): Drift[] {
  const own = namespaces.find(({ nsid }) => nsid === volume.nsid);
  const others = namespaces
    .filter(({ nsid }) => nsid !== volume.nsid)
    .map(({ nsid, device }) => drifted(`${target} has a namespace ${nsid} in it, too, on ${device}`));
  if (own === undefined) return [degraded(`${target} has no namespace ${volume.nsid} in it`), ...others];
  const found: Drift[] = [];
  if (own.uuid !== volume.uuid)
    found.push(degraded(`its uuid on ${target} is ${own.uuid || "missing"}, and ${volume.uuid} was given out`));
  if (own.nguid !== "" && hex(own.nguid) !== volume.nguid)
    found.push(degraded(`its nguid on ${target} is ${own.nguid}, and ${volume.nguid} was given out`));
  if (own.size === undefined) found.push(degraded(`${own.device} is not on ${target}`));
  else if (own.size < volume.size)
    found.push(degraded(`${own.device} on ${target} has ${formatSize(own.size)}, and had ${formatSize(volume.size)}`));
  else if (own.size - volume.size >= largestBlock)
    found.push(
      degraded(
        `${own.device} on ${target} has grown from ${formatSize(volume.size)} to ${formatSize(own.size)}, and its initiators were not told`,
      ),
    );
  return [...found, ...others];
}

function portDrift(
  { volume: { transport } }: VolumeEvidence,
  target: string,
  ports: readonly VolumePort[],
  exported: Export,
): Drift[] {
  const isAt = (port: VolumePort, at: ReportedEndpoint) =>
    at.transport === transport && at.address === port.address && at.serviceId === port.service_id;
  const missing = ports.filter(
    (port) => port.leaving === undefined && !exported.ports.some((each) => isAt(port, each)),
  );
  const more = exported.ports.filter((each) => !ports.some((port) => isAt(port, each)));
  return [
    ...missing.map((port) => degraded(`${target} does not export it at ${port.address}:${port.service_id}`)),
    ...more.map((each) => drifted(`${target} exports it at ${each.address}:${each.serviceId}, too`)),
  ];
}

function hostDrift({ volume, nodeOf }: VolumeEvidence, target: string, exported: Export): Drift[] {
  if (exported.allowAnyHost) return [degraded(`${target} lets any host in`)];
  const own = new Set(volume.pairs.flatMap(({ hostnqn }) => hostnqn ?? []));
  return exported.allowedHosts
    .filter((hostnqn) => !own.has(hostnqn))
    .map((hostnqn) => degraded(`${target} lets ${nodeOf(hostnqn) ?? hostnqn} in, which is none of its initiators`));
}

function connectionDrift(
  { volume }: VolumeEvidence,
  { initiator, hostnqn: own }: Pair,
  { hostnqn, expected, paths }: Connection,
): Drift[] {
  const ports = volume.legs.flatMap((leg) => leg.ports);
  const more = paths.filter(
    ({ address, serviceId }) => !ports.some((port) => port.address === address && port.service_id === serviceId),
  );
  return [
    ...(own !== undefined && hostnqn !== "" && hostnqn !== own
      ? [degraded(`${initiator} is connected as ${hostnqn}, and targets let ${own} in`)]
      : []),
    ...(expected === undefined
      ? [drifted(`the spec of ${initiator} does not have it: it would be gone after a boot`)]
      : []),
    ...more.map(({ address, serviceId }) => drifted(`${initiator} has a path to ${address}:${serviceId}, too`)),
  ];
}
