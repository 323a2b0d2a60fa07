import { largestBlock } from "../../shared/nvme/block.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import type { Connection, Export, ReportedEndpoint } from "../../shared/protocol/report.ts";
import { conflictsOf } from "./identities.ts";
import { conflictReasons } from "./identity-repairs.ts";
import { type NodeNews, silence } from "./news.ts";

export const healthStates = ["healthy", "degraded", "failed", "unknown"] as const;
export type HealthState = (typeof healthStates)[number];

export interface PathHealth {
  transport: string;
  address: string;
  service_id: string;
  /** As the initiator's sysfs says it; "missing" where there is no controller. */
  state: string;
  /** The node that exports there; null where no agent of the fleet does. */
  target: NodeId | null;
}

/** One connection, judged from both ends. */
export interface ConnectionHealth {
  initiator: NodeId;
  targets: NodeId[];
  nqn: string;
  /** Kernel names of its block devices. */
  devices: string[];
  /** Bytes of all its block devices. */
  size: number;
  uuids: string[];
  paths: PathHealth[];
  state: HealthState;
  /** Why it is not healthy, worst first; notes where it is. */
  reasons: string[];
}

/** A node of which nothing has been heard, that says itself what is wrong, or that has what another one has. */
export interface NodeHealth {
  node: NodeId;
  state: HealthState;
  reasons: string[];
}

export interface Health {
  connections: ConnectionHealth[];
  nodes: NodeHealth[];
}

/**
 * The one judge: joins what initiators and targets report. Pure; grows with the number of connections. `isMeant`: see
 * {@link conflictsOf}.
 */
export function judge(nodes: readonly NodeNews[], isMeant?: (nqn: string) => boolean): Health {
  const exports = indexExports(nodes);
  const news = new Map(nodes.map((node) => [node.id, node]));
  const conflicts = conflictReasons(conflictsOf(nodes, isMeant));
  return {
    connections: nodes.flatMap((node) =>
      (node.report?.connections ?? []).map((connection) =>
        judgeConnection(node, connection, exports.get(connection.nqn) ?? [], news),
      ),
    ),
    nodes: nodes.map((node) => judgeNode(node, conflicts.get(node.id) ?? [])),
  };
}

interface Exported {
  node: NodeId;
  export: Export;
}

function indexExports(nodes: readonly NodeNews[]): Map<string, Exported[]> {
  const index = new Map<string, Exported[]>();
  for (const { id, report } of nodes) {
    for (const each of report?.exports ?? []) {
      const list = index.get(each.nqn);
      if (list === undefined) index.set(each.nqn, [{ node: id, export: each }]);
      else list.push({ node: id, export: each });
    }
  }
  return index;
}

function judgeNode({ id, report, silentFor }: NodeNews, conflicts: readonly string[]): NodeHealth {
  if (silentFor !== undefined) return { node: id, state: "unknown", reasons: [silence(id, silentFor)] };
  const reasons = [...(report?.conditions ?? []).map(({ message }) => message), ...conflicts];
  return { node: id, state: reasons.length === 0 ? "healthy" : "degraded", reasons };
}

const worst = (states: readonly HealthState[]): HealthState =>
  (["failed", "unknown", "degraded"] as const).find((state) => states.includes(state)) ?? "healthy";

interface Finding {
  state: HealthState;
  says: string;
}

function judgeConnection(
  node: NodeNews,
  connection: Connection,
  exporters: readonly Exported[],
  news: ReadonlyMap<NodeId, NodeNews>,
): ConnectionHealth {
  const paths = pathsOf(connection, exporters);
  const targets = [...new Set(paths.flatMap(({ target }) => (target === null ? [] : [target])))];
  const findings =
    node.silentFor === undefined
      ? [
          ...pathFindings(paths, connection, exporters, news),
          ...deviceFindings(connection, paths, exporters),
          ...anaFindings(connection),
          ...targetFindings(targets, news),
        ]
      : [{ state: "unknown" as const, says: silence(node.id, node.silentFor) }];
  const state = worst(findings.map((finding) => finding.state));
  const ranked = findings.toSorted((a, b) => rank(a.state) - rank(b.state));
  return {
    initiator: node.id,
    targets,
    nqn: connection.nqn,
    devices: connection.namespaces.map(({ device }) => device),
    size: connection.namespaces.reduce((sum, { size }) => sum + size, 0),
    uuids: connection.namespaces.map(({ uuid }) => uuid),
    paths,
    state,
    reasons: ranked.map(({ says }) => says),
  };
}

const rank = (state: HealthState) => ["failed", "unknown", "degraded", "healthy"].indexOf(state);

const sameEndpoint = (a: ReportedEndpoint, b: ReportedEndpoint) =>
  a.transport === b.transport && a.address === b.address && a.serviceId === b.serviceId;

/** The paths that the spec names, and those that are there beside them. */
function pathsOf(connection: Connection, exporters: readonly Exported[]): PathHealth[] {
  const expected = connection.expected ?? [];
  const missing = expected.filter((each) => !connection.paths.some((path) => sameEndpoint(path, each)));
  const describe = (endpoint: ReportedEndpoint, state: string): PathHealth => ({
    transport: endpoint.transport,
    address: endpoint.address,
    service_id: endpoint.serviceId,
    state,
    target: exporters.find((each) => each.export.ports.some((port) => sameEndpoint(port, endpoint)))?.node ?? null,
  });
  return [
    ...connection.paths.map((path) => describe(path, path.state)),
    ...missing.map((path) => describe(path, "missing")),
  ];
}

function pathFindings(
  paths: readonly PathHealth[],
  { nqn }: Connection,
  exporters: readonly Exported[],
  news: ReadonlyMap<NodeId, NodeNews>,
): Finding[] {
  const live = paths.filter(({ state }) => state === "live");
  const state = live.length === 0 ? "failed" : "degraded";
  return paths
    .filter((path) => path.state !== "live")
    .map((path) => ({
      state,
      says: `path ${path.transport} ${path.address}:${path.service_id} is ${path.state}: ${causeOf(path, nqn, exporters, news)}`,
    }));
}

/** What the target's end says of a path that is not live. */
function causeOf(
  path: PathHealth,
  nqn: string,
  exporters: readonly Exported[],
  news: ReadonlyMap<NodeId, NodeNews>,
): string {
  if (path.target === null) {
    const elsewhere = exporters.map(({ node }) => node);
    return elsewhere.length === 0
      ? `no target of the fleet exports ${nqn}`
      : `${elsewhere.join(", ")} exports ${nqn}, but not there`;
  }
  const target = news.get(path.target);
  if (target?.silentFor !== undefined) return silence(path.target, target.silentFor);
  const port = exporters
    .find(({ node }) => node === path.target)
    ?.export.ports.find((each) => each.address === path.address && each.serviceId === path.service_id);
  if (port !== undefined && !port.listening) return `${path.target} has it linked, but does not listen`;
  return `${path.target} listens; look at the network between, and at dmesg on both ends`;
}

const usable = new Set(["", "optimized", "non-optimized"]);

/** A live path is of use only where the target says so (ANA); without an optimized one everything takes the long way. */
function anaFindings({ paths, namespaces }: Connection): Finding[] {
  const live = new Set(paths.filter(({ state }) => state === "live").map(({ controller }) => controller));
  return namespaces.flatMap(({ device, anaStates }): Finding[] => {
    const states = Object.entries(anaStates).flatMap(([controller, state]) => (live.has(controller) ? [state] : []));
    if (states.length === 0) return [];
    if (!states.some((state) => usable.has(state))) {
      return [
        {
          state: "failed",
          says: `no path to ${device} is accessible: the target says ${[...new Set(states)].join(", ")}`,
        },
      ];
    }
    const optimized = states.some((state) => state === "" || state === "optimized");
    return optimized ? [] : [{ state: "degraded", says: `every path to ${device} is non-optimized` }];
  });
}

function deviceFindings(
  connection: Connection,
  paths: readonly PathHealth[],
  exporters: readonly Exported[],
): Finding[] {
  const findings: Finding[] = [];
  const live = paths.some(({ state }) => state === "live");
  const exported = exporters.flatMap((each) =>
    each.export.namespaces.map((namespace) => ({ node: each.node, ...namespace })),
  );
  if (live && connection.namespaces.length === 0) {
    const disabled = exported.find(({ enabled }) => !enabled);
    findings.push({
      state: "failed",
      says:
        disabled === undefined
          ? "connected, but there is no block device"
          : `no block device: namespace ${disabled.nsid} is disabled on ${disabled.node}`,
    });
  }
  if (exporters.length === 0 && live) {
    findings.push({ state: "healthy", says: "judged from the initiator alone: no agent of this fleet exports it" });
  }
  for (const { device, uuid, size } of exporters.length === 0 ? [] : connection.namespaces) {
    const twin = exported.find((namespace) => namespace.uuid === uuid);
    if (twin === undefined)
      findings.push({ state: "degraded", says: `${device} has uuid ${uuid}, and no target exports that` });
    else if (!twin.enabled)
      findings.push({ state: "failed", says: `namespace ${twin.nsid} is disabled on ${twin.node}` });
    else if (twin.size !== undefined && (twin.size < size || twin.size - size >= largestBlock)) {
      findings.push({
        state: "degraded",
        says: `${device} has ${size} bytes, and ${twin.device} on ${twin.node} ${twin.size}`,
      });
    }
  }
  return findings;
}

/** A session that lives, whose other end is silent: nobody can say that both agree. */
function targetFindings(targets: readonly NodeId[], news: ReadonlyMap<NodeId, NodeNews>): Finding[] {
  return targets.flatMap((target) => {
    const silentFor = news.get(target)?.silentFor;
    return silentFor === undefined ? [] : [{ state: "unknown" as const, says: silence(target, silentFor) }];
  });
}
