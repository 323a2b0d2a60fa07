import type { VolumePort } from "../../pairing/volume.ts";
import type { PairTask } from "./ends.ts";

/** The listeners that an initiator has a path to by now, live or not, by what it said last. */
export function portsNow(task: PairTask): VolumePort[] {
  return withStates(task).map(({ port }) => port);
}

/**
 * The same without the dead paths that it is moving from; undefined: there are none, or no other is live. A dead path keeps its
 * controller id, which its target may have given to the new one: Linux refuses that (nvme_validate_cntlid).
 */
export function withoutDeadPaths(task: PairTask): VolumePort[] | undefined {
  const connected = withStates(task);
  const others = connected.filter(({ port, state }) => port.leaving !== true || state === "live");
  const isNeeded = others.length < connected.length && others.some(({ state }) => state === "live");
  return isNeeded ? others.map(({ port }) => port) : undefined;
}

function withStates({ bench, volume, job }: PairTask): { port: VolumePort; state: string }[] {
  const paths = bench.fleet.find(job.node)?.report?.connections.find(({ nqn }) => nqn === volume.nqn)?.paths ?? [];
  return volume.legs.flatMap(({ ports }) =>
    ports.flatMap((port) => {
      const path = paths.find((each) => each.address === port.address && each.serviceId === port.service_id);
      return path === undefined ? [] : [{ port, state: path.state }];
    }),
  );
}
