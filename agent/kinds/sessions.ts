import type { Guard } from "../engine/step.ts";
import type { ObservedNvmet, ObservedPort } from "../observe/observed.ts";

/** The ports that export a subsystem. */
export function portsOf(nqn: string, { ports }: ObservedNvmet): ObservedPort[] {
  return ports.filter(({ links }) => links.some((link) => link.nqn === nqn));
}

/**
 * That nobody is connected to these ports. A port that exports several subsystems counts as a whole: configfs has no list
 * of connected hosts, and whose session it is cannot be told (nvmet-abi 6), so in doubt it is refused.
 */
export function sessionGuards(ports: readonly ObservedPort[]): Guard[] {
  return ports.flatMap(({ attributes }): Guard[] => {
    const port = Number(attributes.addr_trsvcid);
    if (attributes.addr_trtype !== "tcp" || !Number.isInteger(port)) return [];
    return [{ guard: "no sessions", address: attributes.addr_traddr ?? "", port }];
  });
}
