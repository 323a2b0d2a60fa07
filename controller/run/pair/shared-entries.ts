import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Volume, VolumePort } from "../../pairing/volume.ts";

/** Whether another volume on that target lets the same host in by its keys. */
export function isHostUsed(
  volumes: Iterable<Volume>,
  target: NodeId,
  hostnqn: string | undefined,
  except: Pick<Volume, "volume">,
): boolean {
  return onTarget(volumes, target, except).some(
    ({ authentication, pairs }) =>
      authentication !== "none" &&
      pairs.some((pair) => pair.hostnqn === hostnqn && (pair.ready || pair.open !== undefined)),
  );
}

/** Whether another volume on that target listens on the same port. */
export function isPortUsed(
  volumes: Iterable<Volume>,
  target: NodeId,
  { address, service_id }: Pick<VolumePort, "address" | "service_id">,
  except: Pick<Volume, "volume">,
): boolean {
  return onTarget(volumes, target, except).some(
    ({ legs, pairs }) =>
      pairs.some(({ ready, open }) => ready || open !== undefined) &&
      legs.some(
        (leg) =>
          leg.target === target && leg.ports.some((port) => port.address === address && port.service_id === service_id),
      ),
  );
}

/** Where a volume listens on a target together with others, as overrides name it: `10.0.0.1:4421`. */
export function sharedEndpoints(volume: Volume, target: NodeId, volumes: Iterable<Volume>): string[] {
  const leg = volume.legs.find((each) => each.target === target);
  const shared = leg?.ports.filter((port) => port.shared === true) ?? [];
  if (shared.length === 0) return [];
  const all = [...volumes];
  return shared
    .filter((port) => isPortUsed(all, target, port, volume))
    .map(({ address, service_id }) => `${address}:${service_id}`);
}

function onTarget(volumes: Iterable<Volume>, target: NodeId, except: Pick<Volume, "volume">): Volume[] {
  return [...volumes].filter(
    ({ volume, legs }) => volume !== except.volume && legs.some((leg) => leg.target === target),
  );
}
