import type { Guard } from "../engine/step.ts";
import type { ObservedNvmet, ObservedPort } from "../observe/observed.ts";

/** The ports that export a subsystem. */
export function portsOf(nqn: string, { ports }: ObservedNvmet): ObservedPort[] {
  return ports.filter(({ links }) => links.some((link) => link.nqn === nqn));
}

interface Endpoint {
  address: string;
  port: number;
}

/** Where a port listens, if that is TCP. */
export const tcpEndpoints = (port: ObservedPort): Endpoint[] => endpointsOver("tcp", port);

function endpointsOver(transport: string, { attributes }: ObservedPort): Endpoint[] {
  const port = Number(attributes.addr_trsvcid);
  if (attributes.addr_trtype !== transport || !Number.isInteger(port)) return [];
  return [{ address: attributes.addr_traddr ?? "", port }];
}

/**
 * That nobody is connected to these ports. A port that exports several subsystems counts as a whole: configfs has no list
 * of connected hosts, and whose session it is cannot be told (nvmet-abi 6), so in doubt it is refused.
 */
export function sessionGuards(ports: readonly ObservedPort[]): Guard[] {
  return (["tcp", "rdma"] as const).flatMap((transport) =>
    ports
      .flatMap((port) => endpointsOver(transport, port))
      .map((at): Guard => ({ guard: "no sessions", transport, ...at })),
  );
}
