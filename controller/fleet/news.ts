import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Report } from "../../shared/protocol/report.ts";
import { type FleetNode, silentAfter } from "./node.ts";

/** What health needs of a node. */
export interface NodeNews {
  id: NodeId;
  report: Report | undefined;
  /** Milliseconds since anything was heard of it, where that is too long. */
  silentFor: number | undefined;
}

export function newsOf(node: FleetNode, now: number): NodeNews {
  const quiet = now - node.heardAt;
  return { id: node.id, report: node.report, silentFor: quiet > silentAfter ? quiet : undefined };
}

export function silence(node: NodeId, millis: number): string {
  return `nothing heard of ${node} for ${Math.round(millis / 1000)} s`;
}

/** Of a node that is known only by what it was given. */
export function neverHeard(node: NodeId): string {
  return `nothing heard of ${node} since this controller started`;
}
