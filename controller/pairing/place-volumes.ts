import type { AddressFacts } from "../../shared/protocol/facts.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import { disagreements } from "./agreement.ts";
import { allocate } from "./allocate.ts";
import { Listeners } from "./listeners.ts";
import { choicesOf, mint } from "./mint.ts";
import { addressRule, pathAddresses } from "./path-addresses.ts";
import type { Leg, Volume } from "./volume.ts";
import { serviceIdsOf, type VolumeArguments } from "./volume-arguments.ts";
import type { Allocation, Target, Unmet } from "./want.ts";
import { type Asked, volumeKey, wantsOf } from "./wants-of.ts";

/** A node that may export, with what paths to it may be. */
export interface Exporter extends Target {
  addresses: readonly AddressFacts[];
  /** What listens there that is no volume's. */
  listeners: readonly { id?: number | undefined; address: string; service_id: string }[];
}

interface Placing {
  asked: readonly Asked[];
  /** Nodes of a pattern. */
  nodesOf(pattern: string): readonly NodeId[];
  /** Those that answered: what lies on others stays as it is. */
  exporters: readonly Exporter[];
  /** All volumes of the fleet. */
  known: ReadonlyMap<string, Volume>;
  uuid(): string;
  /** Wall clock, Unix milliseconds. */
  now: number;
}

export interface Placed {
  /** Those that are asked for, by their names in the fleet. */
  volumes: ReadonlyMap<string, Volume>;
  unmet: readonly Unmet[];
}

/** Gives every volume that is asked for its drive, its paths and its names; what was given out before stays. Pure, but for `uuid`. */
export function placeVolumes({ asked, nodesOf, exporters, known, uuid, now }: Placing): Placed {
  const wants = wantsOf(asked, nodesOf);
  const kept = new Map([...known].map(([name, volume]) => [name, allocationOf(volume)]));
  const { allocations, unmet } = allocate(exporters, wants, kept);
  const refused = new Set(unmet.map(({ volume }) => volume));
  const places = new Places(exporters, known.values());
  const volumes = new Map<string, Volume>();
  const problems = [...unmet];
  for (const { initiator, arguments: args } of asked) {
    const key = volumeKey(args, initiator);
    if (args.state === "absent" || refused.has(key)) continue;
    const allocation = allocations.get(key);
    const before = volumes.get(key) ?? known.get(key);
    const made =
      before !== undefined ? places.changed(before, args) : allocation && places.made(allocation, args, { uuid, now });
    if (made === undefined) continue;
    if ("reason" in made) {
      problems.push({ volume: key, ...made });
      refused.add(key);
    } else volumes.set(key, withPair(made, initiator));
  }
  return { volumes, unmet: [...problems, ...disagreements(volumes, known)] };
}

function withPair(volume: Volume, initiator: NodeId): Volume {
  if (volume.pairs.some((pair) => pair.initiator === initiator)) return volume;
  return { ...volume, pairs: [...volume.pairs, { initiator, ready: false }] };
}

export function allocationOf({ volume, drive, size, legs, why }: Volume): Allocation {
  return { volume, id: drive, size, legs: legs.map(({ target, device }) => ({ target, device })), why };
}

/** The newest keys that are in place somewhere, or may be; 0: none. */
function keyInPlace({ pairs, keyVersion }: Volume): number {
  return Math.max(0, ...pairs.map((pair) => (pair.open === undefined ? (pair.keyVersion ?? 0) : keyVersion)));
}

type Refusal = Omit<Unmet, "volume">;

/** Addresses and listeners of the targets, as volumes take them. */
class Places {
  readonly #exporters: ReadonlyMap<NodeId, Exporter>;
  readonly #listeners = new Map<NodeId, Listeners>();

  constructor(exporters: readonly Exporter[], volumes: Iterable<Volume>) {
    this.#exporters = new Map(exporters.map((each) => [each.node, each]));
    for (const { node, listeners } of exporters) for (const each of listeners) this.#of(node).take(each);
    for (const { legs } of volumes)
      for (const { target, ports } of legs) for (const port of ports) this.#of(target).takePort(port);
  }

  made(
    allocation: Allocation,
    args: VolumeArguments,
    { uuid, now }: { uuid(): string; now: number },
  ): Volume | Refusal {
    const ports: Leg["ports"][] = [];
    for (const { target } of allocation.legs) {
      const found = this.#ports(target, [], args);
      if (!Array.isArray(found)) return found;
      ports.push(found);
    }
    return mint({ allocation, arguments: args, ports, at: now }, uuid);
  }

  /** A volume that is there: its paths go where they are wanted now, its names stay. */
  changed(volume: Volume, args: VolumeArguments): Volume | Refusal {
    if (volume.transport !== args.transport) {
      return {
        reason: `it is connected over ${volume.transport}, not ${args.transport}`,
        hint: "a volume keeps its transport: remove it (state: absent) before it is made anew",
      };
    }
    const isMade = volume.pairs.some(({ ready, open }) => ready || open !== undefined);
    if (isMade && volume.authentication !== args.authentication) {
      return {
        reason: `it was made with authentication: ${volume.authentication}, not ${args.authentication}`,
        hint: "hosts that are connected cannot take that up: remove it (state: absent) before it is made anew",
      };
    }
    const version = keyInPlace(volume);
    if (args.authentication !== "none" && args.key_version < version) {
      return {
        reason: `its key has version ${version} by now, and ${args.key_version} is asked for`,
        hint: `keys go forward only: write key_version: ${version}, or a higher one for a new key`,
      };
    }
    const legs: Leg[] = [];
    for (const leg of volume.legs) {
      const ports = this.#ports(leg.target, leg.ports, args);
      if (!Array.isArray(ports)) return ports;
      // Nobody has come over the listeners of one that was never made, or was undone.
      legs.push({ ...leg, ports: isMade ? ports : ports.filter(({ leaving }) => leaving === undefined) });
    }
    const { size: asked = volume.size } = args;
    // Of a file that was never exported the size is what is asked for; else what the drive has, or what was proven.
    const isFile = !isMade && !this.#isDrive(volume);
    return { ...volume, ...choicesOf(args), asked, size: isFile ? asked : volume.size, legs };
  }

  #isDrive({ drive, legs }: Volume): boolean {
    return legs.some(({ target }) => this.#exporters.get(target)?.drives.some(({ id }) => id === drive) !== false);
  }

  #ports(
    target: NodeId,
    has: Leg["ports"],
    { addresses: rule, paths, port, service_ids }: VolumeArguments,
  ): Leg["ports"] | Refusal {
    const exporter = this.#exporters.get(target);
    // Nobody knows what addresses it has now.
    if (exporter === undefined) return has;
    const listeners = this.#of(target);
    const staying = has.filter(({ leaving }) => leaving === undefined).map(({ address }) => address);
    const found = pathAddresses(target, exporter.addresses, {
      rule: rule === undefined ? undefined : addressRule(rule),
      count: paths,
      kept: staying,
      load: (address) => listeners.load(address),
    });
    if ("reason" in found) return found;
    const wanted = new Set(found.addresses);
    const kept = has.map(({ leaving: _, ...port }) =>
      wanted.has(port.address) ? port : { ...port, leaving: true as const },
    );
    const missing = found.addresses.filter((address) => !has.some((port) => port.address === address));
    const ids = serviceIdsOf(service_ids);
    const opened =
      missing.length === 0 ? [] : port === "shared" ? listeners.openShared(missing, ids) : listeners.open(missing, ids);
    if (opened !== undefined) return [...kept, ...opened];
    return {
      reason: `${target} has no service id of ${service_ids} free on ${missing.join(" and ")}`,
      hint: "give service_ids: a wider range",
    };
  }

  #of(target: NodeId): Listeners {
    const known = this.#listeners.get(target) ?? new Listeners();
    this.#listeners.set(target, known);
    return known;
  }
}
