import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { healthStates, judge } from "../../../../controller/fleet/health.ts";
import type { NodeNews } from "../../../../controller/fleet/news.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import type { Connection, Export } from "../../../../shared/protocol/report.ts";
import { newsOf, reportOf } from "../../../support/pair-evidence.ts";

const nqn = "nqn.s";
const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";
const flash = NodeId.parse("flash01");
const endpoint = (address: string) => ({ transport: "tcp", address, serviceId: "4420" });
const near = endpoint("10.0.0.1");
const far = endpoint("10.0.1.1");

const namespace = { nsid: 1, uuid, nguid: "", device: "/dev/nvme0n1", size: 2e9, enabled: true };
const exported: Export = {
  nqn,
  allowAnyHost: false,
  allowedHosts: ["nqn.host"],
  namespaces: [namespace],
  ports: [
    { id: 1, ...near, listening: true },
    { id: 2, ...far, listening: true },
  ],
};
const disk = {
  nsid: 1,
  uuid,
  nguid: "",
  device: "/dev/nvme1n1",
  size: 2e9,
  anaStates: { nvme1: "optimized", nvme2: "optimized" },
};
const connection: Connection = {
  nqn,
  hostnqn: "nqn.host",
  subsystem: "nvme-subsys1",
  expected: [near, far],
  paths: [
    { controller: "nvme1", ...near, state: "live" },
    { controller: "nvme2", ...far, state: "live" },
  ],
  namespaces: [disk],
};
const [first, second] = [
  { controller: "nvme1", ...near, state: "live" },
  { controller: "nvme2", ...far, state: "live" },
];

interface Case {
  target?: Partial<Export> | "nothing exported" | "no agent";
  initiator?: Partial<Connection>;
  targetSilent?: number;
  initiatorSilent?: number;
}

function fleet({ target = {}, initiator = {}, targetSilent, initiatorSilent }: Case): NodeNews[] {
  const connections = [{ ...connection, ...initiator }];
  const exports = typeof target === "string" ? [] : [{ ...exported, ...target }];
  return [
    newsOf("db01", { connections }, initiatorSilent),
    ...(target === "no agent" ? [] : [newsOf("flash01", { exports }, targetSilent)]),
  ];
}

const ports = (...listening: boolean[]) =>
  exported.ports.map((port, index) => ({ ...port, listening: listening[index] ?? true }));

describe("a connection, judged from both ends", () => {
  test.each<[string, Case, string, string[]]>([
    ["with all its paths live and both ends agreeing is healthy", {}, "healthy", []],
    [
      "that no agent of the fleet exports is healthy from its own end, with a note",
      { target: "no agent" },
      "healthy",
      ["judged from the initiator alone: no agent of this fleet exports it"],
    ],
    [
      "with a path missing is degraded, though the target listens",
      { initiator: { paths: [first] } },
      "degraded",
      ["path tcp 10.0.1.1:4420 is missing: flash01 listens; look at the network between, and at dmesg on both ends"],
    ],
    [
      "with a path reconnecting to a port that does not listen is degraded, and says where",
      { initiator: { paths: [first, { ...second, state: "connecting" }] }, target: { ports: ports(true, false) } },
      "degraded",
      ["path tcp 10.0.1.1:4420 is connecting: flash01 has it linked, but does not listen"],
    ],
    [
      "with a path to a port that no longer exports it is degraded",
      {
        initiator: { paths: [first, { ...second, state: "connecting" }] },
        target: { ports: exported.ports.slice(0, 1) },
      },
      "degraded",
      ["path tcp 10.0.1.1:4420 is connecting: flash01 exports nqn.s, but not there"],
    ],
    [
      "with another size than the drive behind it is degraded",
      { target: { namespaces: [{ ...namespace, size: 4e9 }] } },
      "degraded",
      ["/dev/nvme1n1 has 2000000000 bytes, and /dev/nvme0n1 on flash01 4000000000"],
    ],
    [
      "with a disk that is a part of a block smaller than the file behind it is healthy",
      { target: { namespaces: [{ ...namespace, size: 2e9 + 4095 }] } },
      "healthy",
      [],
    ],
    [
      "with a disk of a uuid that no target exports is degraded",
      { initiator: { namespaces: [{ ...disk, uuid: "other" }] } },
      "degraded",
      ["/dev/nvme1n1 has uuid other, and no target exports that"],
    ],
    [
      "with no live path is failed, and every path says why",
      {
        initiator: {
          paths: [
            { ...first, state: "connecting" },
            { ...second, state: "dead" },
          ],
        },
        target: { ports: ports(false, true) },
      },
      "failed",
      [
        "path tcp 10.0.0.1:4420 is connecting: flash01 has it linked, but does not listen",
        "path tcp 10.0.1.1:4420 is dead: flash01 listens; look at the network between, and at dmesg on both ends",
      ],
    ],
    [
      "that is nowhere exported and nowhere connected is failed",
      { initiator: { paths: [], namespaces: [], expected: [near] }, target: "nothing exported" },
      "failed",
      ["path tcp 10.0.0.1:4420 is missing: no target of the fleet exports nqn.s"],
    ],
    [
      "with live paths that are all inaccessible is failed",
      { initiator: { namespaces: [{ ...disk, anaStates: { nvme1: "inaccessible", nvme2: "inaccessible" } }] } },
      "failed",
      ["no path to /dev/nvme1n1 is accessible: the target says inaccessible"],
    ],
    [
      "with no optimized path is degraded",
      { initiator: { namespaces: [{ ...disk, anaStates: { nvme1: "non-optimized", nvme2: "inaccessible" } }] } },
      "degraded",
      ["every path to /dev/nvme1n1 is non-optimized"],
    ],
    [
      "whose kernel shows no ANA states is judged by its paths",
      { initiator: { namespaces: [{ ...disk, anaStates: { nvme1: "", nvme2: "" } }] } },
      "healthy",
      [],
    ],
    [
      "whose namespace is disabled is failed, and says where",
      { initiator: { namespaces: [] }, target: { namespaces: [{ ...namespace, enabled: false }] } },
      "failed",
      ["no block device: namespace 1 is disabled on flash01"],
    ],
    [
      "whose disk is still there though its namespace is disabled is failed",
      { target: { namespaces: [{ ...namespace, enabled: false }] } },
      "failed",
      ["namespace 1 is disabled on flash01"],
    ],
    [
      "that is live without a block device is failed",
      { initiator: { namespaces: [] } },
      "failed",
      ["connected, but there is no block device"],
    ],
    [
      "whose initiator is silent is unknown, and nothing more is said of it",
      { initiatorSilent: 20_000, initiator: { paths: [] } },
      "unknown",
      ["nothing heard of db01 for 20 s"],
    ],
    [
      "whose target is silent is unknown: one end cannot say that both agree",
      { targetSilent: 15_400 },
      "unknown",
      ["nothing heard of flash01 for 15 s"],
    ],
    [
      "without a live path to a silent target is failed, with the silence as the cause",
      { targetSilent: 30_000, initiator: { expected: [near], paths: [{ ...first, state: "connecting" }] } },
      "failed",
      ["path tcp 10.0.0.1:4420 is connecting: nothing heard of flash01 for 30 s", "nothing heard of flash01 for 30 s"],
    ],
    [
      "with a path missing and a size that drifts says both",
      { initiator: { paths: [first] }, target: { namespaces: [{ ...namespace, size: 4e9 }] } },
      "degraded",
      [
        "path tcp 10.0.1.1:4420 is missing: flash01 listens; look at the network between, and at dmesg on both ends",
        "/dev/nvme1n1 has 2000000000 bytes, and /dev/nvme0n1 on flash01 4000000000",
      ],
    ],
  ])("%s", (_, each, state, reasons) => {
    expect(judge(fleet(each)).connections).toMatchObject([{ initiator: "db01", nqn, state, reasons }]);
  });

  test("lists its paths with their targets, and what it has", () => {
    expect(judge(fleet({ initiator: { paths: [first] } })).connections).toEqual([
      {
        initiator: "db01",
        targets: ["flash01"],
        nqn,
        devices: ["/dev/nvme1n1"],
        size: 2e9,
        uuids: [uuid],
        paths: [
          { transport: "tcp", address: "10.0.0.1", service_id: "4420", state: "live", target: "flash01" },
          { transport: "tcp", address: "10.0.1.1", service_id: "4420", state: "missing", target: "flash01" },
        ],
        state: "degraded",
        reasons: [expect.stringContaining("10.0.1.1:4420 is missing")],
      },
    ]);
  });

  test("is never better for a path fewer, whichever it is", () => {
    const state = fc.constantFrom("live", "connecting", "dead");
    fc.assert(
      fc.property(state, state, fc.nat(1), (one, other, drop) => {
        const paths = [
          { ...first, state: one },
          { ...second, state: other },
        ];
        const rankOf = (list: typeof paths) =>
          healthStates.indexOf(judge(fleet({ initiator: { paths: list } })).connections[0]?.state ?? "healthy");
        expect(rankOf(paths.toSpliced(drop, 1))).toBeGreaterThanOrEqual(rankOf(paths));
      }),
    );
  });
});

describe("a node", () => {
  const condition = { code: "device_changed", message: "cannot export /dev/nvme0n1: it is another drive now" };
  test.each<[string, Partial<NodeNews>, string, string[]]>([
    ["that reports nothing wrong is healthy", { report: reportOf("flash01", {}) }, "healthy", []],
    ["that has not reported yet is healthy as far as anybody knows", { report: undefined }, "healthy", []],
    [
      "that says itself what is wrong is degraded",
      { report: reportOf("flash01", { conditions: [condition] }) },
      "degraded",
      [condition.message],
    ],
    [
      "that is silent is unknown",
      { report: reportOf("flash01", { conditions: [condition] }), silentFor: 60_000 },
      "unknown",
      ["nothing heard of flash01 for 60 s"],
    ],
  ])("%s", (_, news, state, reasons) => {
    expect(judge([{ id: flash, report: undefined, silentFor: undefined, ...news }]).nodes).toEqual([
      { node: "flash01", state, reasons },
    ]);
  });
});
