import { nqnOfUuid } from "../../shared/nvme/nqn.ts";
import type { Leg, Volume } from "./volume.ts";
import type { VolumeArguments } from "./volume-arguments.ts";
import type { Allocation } from "./want.ts";

/** NVMe's controller ids from 0xfff0 on are reserved (NVMe Base 2.0, 5.17.2.1). */
const lastCntlid = 65_519;

export interface Minting {
  allocation: Allocation;
  arguments: VolumeArguments;
  /** Of each leg, in its order. */
  ports: readonly Leg["ports"][];
  /** Wall clock, Unix milliseconds. */
  at: number;
}

/** Gives a new volume its names and numbers, once and for all. `uuid` draws a random one. */
export function mint({ allocation, arguments: asked, ports, at }: Minting, uuid: () => string): Volume {
  const [subsystem, namespace] = [uuid(), uuid()];
  const hex = namespace.replaceAll("-", "");
  const share = Math.floor(lastCntlid / allocation.legs.length);
  return {
    v: 1,
    volume: allocation.volume,
    name: asked.name,
    drive: allocation.id,
    size: allocation.size,
    asked: asked.size ?? allocation.size,
    why: allocation.why,
    at,
    nqn: nqnOfUuid(subsystem),
    nsid: 1,
    uuid: namespace,
    nguid: hex,
    serial: hex.slice(0, 20),
    transport: asked.transport,
    backing: asked.backing,
    ...choicesOf(asked),
    legs: allocation.legs.map(({ target, device }, index) => ({
      target,
      device,
      cntlid: { min: index * share + 1, max: (index + 1) * share },
      ports: ports[index] ?? [],
      ana: asked.backing === "replicated" && index > 0 ? "non-optimized" : "optimized",
    })),
    pairs: [],
  };
}

/** What a play may change of a volume that is there. */
export function choicesOf({ authentication, key_version: keyVersion, connect }: VolumeArguments) {
  return {
    authentication,
    keyVersion,
    connect: Object.fromEntries(
      Object.entries(connect).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
}
