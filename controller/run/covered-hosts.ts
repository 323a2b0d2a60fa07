import { deadlineIn } from "../../shared/clock.ts";
import { canonicalAddress } from "../../shared/nvme/address.ts";
import { Facts } from "../../shared/protocol/facts.ts";
import { CallId, type NodeId } from "../../shared/protocol/ids.ts";
import type { Json } from "../../shared/protocol/json.ts";
import type { OpenBody } from "../../shared/protocol/order.ts";
import { type Connection, Report, type ReportedPath } from "../../shared/protocol/report.ts";
import { type FleetNode, silentAfter } from "../fleet/node.ts";
import type { Bench } from "./perform.ts";

/** Milliseconds for a node to answer a question. */
const answerMillis = 30_000;
/** A path that has just come up shows its disks a moment later: milliseconds in which that is waited for. */
const scanMillis = 5000;
const scanPause = 250;

type Means = Pick<Bench, "fleet" | "clock" | "signal">;

/** A node of the fleet that has disks from the target, and its paths there. */
export interface Dependant {
  node: NodeId;
  paths: { nqn: string; path: ReportedPath }[];
}

/** What hosts of the fleet have from one of its targets. */
export interface Dependants {
  /** As far as their last reports say. */
  all: Dependant[];
  /** Addresses of those that lose nothing while the target is down. */
  covered: string[];
}

/**
 * Looks for the hosts that have disks from a target. Covered are those that have everything, as they say when they are asked, over
 * a live path to somebody else, too; one that is not heard of is not.
 */
export async function dependantsOf(means: Means, target: NodeId): Promise<Dependants> {
  const { fleet, clock } = means;
  const exported = fleet.find(target)?.report?.exports ?? [];
  const nqns = new Set(exported.map(({ nqn }) => nqn));
  const services = new Set(exported.flatMap(({ ports }) => ports.map(({ serviceId }) => serviceId)));
  const isConnected = ({ id, heardAt, report }: FleetNode) =>
    id !== target && clock.now() - heardAt < silentAfter && report?.connections.some(({ nqn }) => nqns.has(nqn));
  const connected = nqns.size === 0 ? [] : fleet.nodes().filter(isConnected);
  if (connected.length === 0) return { all: [], covered: [] };
  const own = new Set(await addressesOf(means, target));
  const leadsHere = ({ address, serviceId }: ReportedPath) =>
    own.has(canonicalAddress(address)) && services.has(serviceId);
  const all = connected.map(({ id, report }): Dependant => {
    const paths = (report?.connections ?? []).flatMap(({ nqn, paths: each }) => each.map((path) => ({ nqn, path })));
    return { node: id, paths: paths.filter(({ path }) => path.state === "live" && leadsHere(path)) };
  });
  const addresses = all.map(async ({ node }) =>
    (await isCovered(means, node, leadsHere)) ? addressesOf(means, node) : [],
  );
  return { all, covered: (await Promise.all(addresses)).flat() };
}

async function isCovered(means: Means, node: NodeId, isLost: (path: ReportedPath) => boolean): Promise<boolean> {
  const { clock, signal } = means;
  for (const end = clock.now() + scanMillis; ; await clock.sleep(scanPause, signal)) {
    const report = Report.safeParse(await ask(means, node, { do: "observe" }));
    const standings = report.success
      ? report.data.connections.map((each) => standingOf(each, isLost))
      : (["lost"] as const);
    if (standings.every((standing) => standing === "kept")) return true;
    if (standings.some((standing) => standing === "lost") || clock.now() >= end) return false;
  }
}

/** What becomes of a connection's disks without some of its paths: pending where a path that is left comes up, or does not show them yet. */
export function standingOf(
  { paths, namespaces }: Pick<Connection, "paths" | "namespaces">,
  isLost: (path: ReportedPath) => boolean,
): "kept" | "pending" | "lost" {
  if (!paths.some(isLost)) return "kept";
  const others = paths.filter((path) => !isLost(path));
  const left = others.filter(({ state }) => state === "live").map(({ controller }) => controller);
  const standings = namespaces.map(({ anaStates }) => {
    const states = left.map((controller) => anaStates[controller]);
    if (states.some((state) => state === "optimized" || state === "non-optimized" || state === "")) return "kept";
    return states.includes(undefined) ? "pending" : "lost";
  });
  const isComing = others.some(({ state }) => state === "connecting" || state === "resetting" || state === "new");
  if (left.length === 0 || standings.includes("lost")) return isComing ? "pending" : "lost";
  return standings.includes("pending") ? "pending" : "kept";
}

async function addressesOf(means: Means, node: NodeId): Promise<string[]> {
  const facts = Facts.safeParse(await ask(means, node, { do: "facts" }));
  return facts.success ? facts.data.addresses.map(({ address }) => canonicalAddress(address)) : [];
}

/** Null where there is no answer: of whom nothing is known, nothing is taken for granted. */
async function ask({ fleet, clock, signal }: Means, to: NodeId, body: OpenBody): Promise<Json> {
  const id = CallId.parse(`ask_${to}_${crypto.randomUUID()}`);
  try {
    const { result } = await fleet.call({ to, id, body, deadline: deadlineIn(clock, answerMillis), signal });
    return result;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
