import type { NodeId } from "../../../shared/protocol/ids.ts";
import type { Volume, VolumePort } from "../../pairing/volume.ts";

/** What others of the volumes on a target need as well: their record says so, whether or not they work. */
type Except = Pick<Volume, "volume">;

const isHeld = ({ ready, open }: Volume["pairs"][number]) => ready || open !== undefined;

/** Whether another of these volumes lets the same host in by its keys. */
export function isHostUsed(volumes: readonly Volume[], hostnqn: string | undefined, except: Except): boolean {
  return volumes.some(
    ({ volume, authentication, pairs }) =>
      volume !== except.volume &&
      authentication !== "none" &&
      pairs.some((pair) => pair.hostnqn === hostnqn && isHeld(pair)),
  );
}

/** Whether another of these volumes listens on the same port of the target. */
export function isPortUsed(
  volumes: readonly Volume[],
  target: NodeId,
  { address, service_id }: Pick<VolumePort, "address" | "service_id">,
  except: Except,
): boolean {
  const isThere = (port: VolumePort) => port.address === address && port.service_id === service_id;
  return volumes.some(
    ({ volume, legs, pairs }) =>
      volume !== except.volume &&
      pairs.some(isHeld) &&
      legs.some((leg) => leg.target === target && leg.ports.some(isThere)),
  );
}

/** Where a volume listens on a target together with others, as overrides name it: `10.0.0.1:4421`. */
export function sharedEndpoints(volume: Volume, target: NodeId, volumes: readonly Volume[]): string[] {
  const leg = volume.legs.find((each) => each.target === target);
  return (leg?.ports ?? [])
    .filter((port) => port.shared === true && isPortUsed(volumes, target, port, volume))
    .map(({ address, service_id }) => `${address}:${service_id}`);
}
