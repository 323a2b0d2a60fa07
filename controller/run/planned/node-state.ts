import { digest } from "../../../shared/identity/digest.ts";
import type { Report, ReportedEndpoint } from "../../../shared/protocol/report.ts";
import type { NodeState } from "./planned.ts";

/** The first 16 hexadecimal digits of a value's digest. */
export function shortDigest(value: unknown): string {
  return digest(value).slice(0, 16);
}

/**
 * What lasts of a report. Left out is what comes and goes by itself: states of paths and of listeners, ANA states, names that the
 * kernel numbers, moments, conditions.
 */
export function stateOf({ bootId, generation, host, exports, connections }: Report): NodeState {
  return {
    bootId,
    generation,
    host: shortDigest(host ?? null),
    exports: byNqn(exports).map(({ nqn, allowAnyHost, allowedHosts, namespaces, ports }) => ({
      nqn,
      hosts: shortDigest({ allowAnyHost, allowedHosts: allowedHosts.toSorted() }),
      namespaces: shortDigest(byNumber(namespaces)),
      ports: shortDigest(sorted(ports.map(({ id, ...port }) => `${id} ${endpoint(port)}`))),
    })),
    connections: byNqn(connections).map(({ nqn, hostnqn, paths, namespaces }) => ({
      nqn,
      host: shortDigest(hostnqn),
      paths: shortDigest(sorted(paths.map(endpoint))),
      namespaces: shortDigest(byNumber(namespaces.map(({ nsid, uuid, nguid, size }) => ({ nsid, uuid, nguid, size })))),
    })),
  };
}

const endpoint = ({ transport, address, serviceId }: ReportedEndpoint) => `${transport} ${address} ${serviceId}`;
const sorted = (texts: readonly string[]) => texts.toSorted();

function byNqn<T extends { nqn: string }>(items: readonly T[]): T[] {
  return items.toSorted((one, other) => (one.nqn < other.nqn ? -1 : 1));
}

function byNumber<T extends { nsid: number }>(items: readonly T[]): T[] {
  return items.toSorted((one, other) => one.nsid - other.nsid);
}
