import { judge } from "../../controller/fleet/health.ts";
import type { NodeNews } from "../../controller/fleet/news.ts";
import { evidenceOf, type PairEvidence } from "../../controller/fleet/pair-evidence.ts";
import { meantOnSeveral, type Survey, surveyOf } from "../../controller/fleet/survey.ts";
import { Volume } from "../../controller/pairing/volume.ts";
import { NodeId } from "../../shared/protocol/ids.ts";
import type { Condition, Connection, Export, Report } from "../../shared/protocol/report.ts";

export const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";
export const nqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-aaaa-4bbb-8ccc-00000000000f";
const nguid = uuid.replaceAll("-", "");
const [flash, db] = ["flash01", "db01"].map((name) => NodeId.parse(name));
export const near = { transport: "tcp", address: "10.20.1.1", serviceId: "4421" };
export const far = { transport: "tcp", address: "10.30.1.1", serviceId: "4421" };

export function reportOf(node: string, more: Partial<Report> = {}): Report {
  return {
    v: 1,
    node: NodeId.parse(node),
    sequence: 1,
    bootId: `boot of ${node}`,
    at: 0,
    generation: 1,
    exports: [],
    connections: [],
    conditions: [],
    ...more,
  };
}

export function newsOf(node: string, more: Partial<Report> = {}, silentFor?: number): NodeNews {
  return { id: NodeId.parse(node), report: reportOf(node, more), silentFor };
}

/** A volume of 2 GB on flash01 for db01, over two paths. */
export const volume = Volume.parse({
  v: 1,
  volume: "db01/data",
  name: "data",
  drive: "eui.1",
  size: 2e9,
  why: { is: "smallest", load: 0 },
  at: 0,
  nqn,
  nsid: 1,
  uuid,
  nguid,
  serial: nguid.slice(0, 20),
  transport: "tcp",
  backing: "single",
  authentication: "none",
  keyVersion: 1,
  legs: [
    {
      target: flash,
      device: "/dev/disk/by-id/nvme-eui.1",
      cntlid: { min: 1, max: 65519 },
      ports: [
        { id: 1, address: near.address, service_id: near.serviceId },
        { id: 2, address: far.address, service_id: far.serviceId },
      ],
      ana: "optimized",
    },
  ],
  connect: {},
  pairs: [{ initiator: db, ready: true, hostnqn: "nqn.db01", keyVersion: 1 }],
});

export const namespace = { nsid: 1, uuid, nguid: uuid, device: "/dev/nvme0n1", size: 2e9, enabled: true };
export const exported: Export = {
  nqn,
  allowAnyHost: false,
  allowedHosts: ["nqn.db01"],
  namespaces: [namespace],
  ports: [
    { id: 1, ...near, listening: true },
    { id: 2, ...far, listening: true },
  ],
};
export const livePaths = [
  { controller: "nvme1", ...near, state: "live" },
  { controller: "nvme2", ...far, state: "live" },
];
export const connection: Connection = {
  nqn,
  hostnqn: "nqn.db01",
  subsystem: "nvme-subsys1",
  expected: [near, far],
  paths: livePaths,
  namespaces: [{ nsid: 1, uuid, nguid: uuid, device: "/dev/nvme1n1", size: 2e9, anaStates: {} }],
};

/** How a fleet of one pair differs from one in which all is well. */
export interface PairCase {
  volume?: Partial<Volume>;
  pair?: Partial<Volume["pairs"][number]>;
  /** null: it does not export it. */
  target?: Partial<Export> | null;
  /** null: it is not connected to it. */
  initiator?: Partial<Connection> | null;
  targetConditions?: Condition[];
  initiatorConditions?: Condition[];
  /** Milliseconds. */
  targetSilent?: number;
  initiatorSilent?: number;
  targetUnknown?: boolean;
  initiatorUnknown?: boolean;
  more?: NodeNews[];
}

export function nodesOf(given: PairCase): NodeNews[] {
  const exports = given.target === null ? [] : [{ ...exported, ...given.target }];
  const connections = given.initiator === null ? [] : [{ ...connection, ...given.initiator }];
  return [
    ...(given.targetUnknown
      ? []
      : [newsOf("flash01", { exports, conditions: given.targetConditions ?? [] }, given.targetSilent)]),
    ...(given.initiatorUnknown
      ? []
      : [
          newsOf(
            "db01",
            { connections, conditions: given.initiatorConditions ?? [], host: { hostnqn: "nqn.db01" } },
            given.initiatorSilent,
          ),
        ]),
    ...(given.more ?? []),
  ];
}

export function volumeOf(given: PairCase): Volume {
  const pairs = volume.pairs.map((pair) => ({ ...pair, ...given.pair }));
  return { ...volume, pairs, ...given.volume };
}

/** What `explain` looks at, and what is meant on several ends. */
export function surveyIn(given: PairCase): { survey: Survey; several: ReturnType<typeof meantOnSeveral> } {
  const meant = volumeOf(given);
  const survey = surveyOf(new Map([[meant.volume, meant]]), nodesOf(given));
  return { survey, several: meantOnSeveral([meant]) };
}

export function evidenceIn(given: PairCase): PairEvidence[] {
  const nodes = nodesOf(given);
  return evidenceOf([volumeOf(given)], nodes, judge(nodes));
}
