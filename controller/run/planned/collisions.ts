import type { DirtyDrive, Volume, VolumePort } from "../../pairing/volume.ts";
import { shortDigest } from "./node-state.ts";
import type { Planned } from "./planned.ts";

/** The volumes of the fleet, and the drives that are left of removed ones, as they are now. */
export interface FleetVolumes {
  all: ReadonlyMap<string, Volume>;
  dirty: ReadonlyMap<string, DirtyDrive>;
}

/**
 * What became of the fleet's volumes since a plan was made that does not go together with what it gave out, as sentences. What was
 * there then is in nobody's way: the plan was made around it. Pure; grows with the number of volumes.
 */
export function collisionsOf({ known, volumes }: Pick<Planned, "known" | "volumes">, now: FleetVolumes): string[] {
  const before = new Map(known.map(({ volume, digest }) => [volume, digest]));
  const planned = new Set(volumes.map(({ volume }) => volume.volume));
  const others = [...now.all.values()].filter(
    (each) => !planned.has(each.volume) && before.get(each.volume) !== shortDigest(each),
  );
  const drives = new Map(others.map((each) => [each.drive, each.volume]));
  const ports = new Map(
    others.flatMap((each) => placesOf(each).map(({ place, port }) => [place, { volume: each.volume, port }] as const)),
  );
  const seen = new Set<string>();
  return volumes.flatMap(({ was, volume }) => {
    // A later play has it from an earlier one.
    const isFirst = !seen.has(volume.volume);
    seen.add(volume.volume);
    return [
      ...(isFirst ? recordChange(was, now.all.get(volume.volume)) : []),
      ...(isFirst && was === undefined ? driveTaken(volume, drives, now.dirty) : []),
      ...placesOf(volume).flatMap(({ place, port, says }) => {
        const holder = ports.get(place);
        const isFree = holder === undefined || isOneForBoth(port, holder.port);
        return isFree ? [] : [`${says} is taken by volume ${holder.volume}`];
      }),
    ].map((sentence) => `volume ${volume.volume}: ${sentence}`);
  });
}

function recordChange(was: string | undefined, now: Volume | undefined): string[] {
  if (was === undefined) return now === undefined ? [] : ["it was not there when the plan was made, and is now"];
  if (now === undefined) return ["it was removed"];
  return shortDigest(now) === was ? [] : ["it was changed"];
}

function driveTaken(
  { drive, legs, at }: Volume,
  drives: ReadonlyMap<string, string>,
  dirty: FleetVolumes["dirty"],
): string[] {
  const where = legs.map(({ target, device }) => `${device} of ${target}`).join(", ");
  const holder = drives.get(drive);
  if (holder !== undefined) return [`its drive ${where} is volume ${holder}'s now`];
  const left = dirty.get(drive);
  return left === undefined || left.at <= at ? [] : [`its drive ${where} was volume ${left.volume}'s since`];
}

/** What a volume has on its targets that no other one may have. */
function placesOf({ legs }: Volume): { place: string; port: VolumePort; says: string }[] {
  return legs.flatMap(({ target, ports }) =>
    ports.flatMap((port) => {
      const { id, address, service_id } = port;
      return [
        { place: `${target} ${id}`, port, says: `port id ${id} of ${target}` },
        {
          place: `${target} ${address} ${service_id}`,
          port,
          says: `service id ${service_id} at ${address} of ${target}`,
        },
      ];
    }),
  );
}

/** A port that volumes share. */
function isOneForBoth(one: VolumePort, other: VolumePort): boolean {
  const isShared = one.shared === true && other.shared === true;
  return isShared && one.id === other.id && one.address === other.address && one.service_id === other.service_id;
}
