import type { VolumePort } from "../../pairing/volume.ts";
import type { PairTask } from "./ends.ts";

/**
 * What an initiator's connection has, without the dead paths that it is moving from; undefined: there are none, or no other is
 * live. A dead path keeps its controller id, which its target may have given to the new one: Linux refuses that
 * (nvme_validate_cntlid).
 */
export function withoutDeadPaths({ bench, volume, job }: PairTask): VolumePort[] | undefined {
  const paths = bench.fleet.find(job.node)?.report?.connections.find(({ nqn }) => nqn === volume.nqn)?.paths ?? [];
  const stateOf = ({ address, service_id }: VolumePort) =>
    paths.find((path) => path.address === address && path.serviceId === service_id)?.state;
  const connected = volume.legs.flatMap(({ ports }) => ports).filter((port) => stateOf(port) !== undefined);
  const others = connected.filter((port) => port.leaving !== true || stateOf(port) === "live");
  const isNeeded = others.length < connected.length && others.some((port) => stateOf(port) === "live");
  return isNeeded ? others : undefined;
}
