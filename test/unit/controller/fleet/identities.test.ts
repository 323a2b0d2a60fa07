import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../../../controller/fleet/health.ts";
import { conflictsOf, type IdentityConflict } from "../../../../controller/fleet/identities.ts";
import { conflictErrors } from "../../../../controller/fleet/identity-repairs.ts";
import type { NodeNews } from "../../../../controller/fleet/news.ts";
import { adhocPlaybook } from "../../../../controller/project/adhoc.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import type { Connection, Export, ReportedHost } from "../../../../shared/protocol/report.ts";
import { newsOf } from "../../../support/pair-evidence.ts";

interface Parts {
  host?: ReportedHost | "not told";
  bootId?: string;
  exports?: readonly Export[];
  connections?: readonly Connection[];
  silentFor?: number;
}

function node(name: string, { host, bootId, exports = [], connections = [], silentFor }: Parts = {}): NodeNews {
  const own = host ?? { hostnqn: `nqn.host:${name}`, hostid: `id-${name}` };
  const more = {
    ...(bootId === undefined ? {} : { bootId }),
    exports: [...exports],
    connections: [...connections],
    ...(own === "not told" ? {} : { host: own }),
  };
  return newsOf(name, more, silentFor);
}

const at = (address: string) => ({ transport: "tcp", address, serviceId: "4420" });

function exporting(nqn: string, address: string, ...namespaces: readonly [nsid: number, uuid: string][]): Export {
  return {
    nqn,
    allowAnyHost: false,
    allowedHosts: [],
    namespaces: namespaces.map(([nsid, uuid]) => ({ nsid, uuid, nguid: "", device: "/dev/x", enabled: true })),
    ports: address === "" ? [] : [{ id: 1, ...at(address), listening: true }],
  };
}

function connecting(nqn: string, { hostnqn = "", to = [] }: { hostnqn?: string; to?: string[] }): Connection {
  return { nqn, hostnqn, expected: to.map(at), paths: [], namespaces: [] };
}

/** `host nqn.x id: db01 db02` */
function brief(conflict: IdentityConflict): string {
  const nodes = conflict.holders.map((holder) => holder.node).join(" ");
  switch (conflict.is) {
    case "host":
      return `host ${[conflict.hostnqn, conflict.hostid].filter((each) => each !== undefined).join(" ")}: ${nodes}`;
    case "subsystem":
      return `subsystem ${conflict.nqn}: ${nodes}`;
    case "legs":
      return `legs ${conflict.nqn} ${conflict.nsid}: ${nodes}`;
    case "namespace":
      return `uuid ${conflict.uuid}: ${nodes}`;
  }
}

const clone = { hostnqn: "nqn.image", hostid: "AB" };
const one = exporting("nqn.s", "10.0.0.1", [1, "u"]);
const other = exporting("nqn.s", "10.0.0.2", [1, "u"]);
const both = connecting("nqn.s", { to: ["10.0.0.1", "10.0.0.2"] });

describe("what must be there once in a fleet", () => {
  test.each<[string, NodeNews[], string[]]>([
    ["is no conflict where each node has its own", [node("a"), node("b"), node("c")], []],
    ["is no conflict where nodes have none", [node("a", { host: {} }), node("b", { host: {} })], []],
    [
      "is told once for clones, which share NQN and id",
      [node("a", { host: clone }), node("b"), node("c", { host: { ...clone, hostid: "ab" } })],
      ["host nqn.image ab: a c"],
    ],
    [
      "is a host id under two NQNs, too",
      [
        node("a", { host: { hostnqn: "nqn.a", hostid: "ab" } }),
        node("b", { host: { hostnqn: "nqn.b", hostid: "ab" } }),
      ],
      ["host ab: a b"],
    ],
    [
      "is told apart where the id is shared by more nodes than the NQN",
      [node("a", { host: clone }), node("b", { host: clone }), node("c", { host: { hostnqn: "nqn.c", hostid: "ab" } })],
      ["host nqn.image: a b", "host ab: a b c"],
    ],
    [
      "is a host NQN that only a connection has",
      [node("a", { connections: [connecting("nqn.s", { hostnqn: "nqn.host:b" })] }), node("b")],
      ["host nqn.host:b: a b"],
    ],
    [
      "is known of an older agent by its connections",
      [
        node("a", { host: "not told", connections: [connecting("nqn.s", { hostnqn: "nqn.image" })] }),
        node("b", { host: clone }),
      ],
      ["host nqn.image: a b"],
    ],
    [
      "is no conflict on one machine that is enrolled twice",
      [node("a", { host: clone, bootId: "x" }), node("b", { host: clone, bootId: "x" })],
      [],
    ],
    [
      "is a conflict with a node that is silent now: it may be connected",
      [node("a", { host: clone, silentFor: 60_000 }), node("b", { host: clone })],
      ["host nqn.image ab: a b"],
    ],
    [
      "is a subsystem that nobody declared on both targets",
      [node("t1", { exports: [one] }), node("t2", { exports: [other] })],
      ["subsystem nqn.s: t1 t2"],
    ],
    [
      "is not a subsystem that an initiator's spec expects on both",
      [node("t1", { exports: [one] }), node("t2", { exports: [other] }), node("i", { connections: [both] })],
      [],
    ],
    [
      "is a subsystem on a third target beside the two that are expected",
      [
        node("t1", { exports: [one] }),
        node("t2", { exports: [other] }),
        node("t3", { exports: [exporting("nqn.s", "10.0.0.3", [1, "u"])] }),
        node("i", { connections: [both] }),
      ],
      ["subsystem nqn.s: t1 t2 t3"],
    ],
    [
      "is a subsystem of clones that have the expected address, too",
      [
        node("t1", { exports: [one] }),
        node("t2", { exports: [one] }),
        node("i", { connections: [connecting("nqn.s", { to: ["10.0.0.1"] })] }),
      ],
      ["subsystem nqn.s: t1 t2"],
    ],
    [
      "is not a subsystem that one target has on no port",
      [node("t1", { exports: [one] }), node("t2", { exports: [exporting("nqn.s", "", [1, "u"])] })],
      [],
    ],
    [
      "is a namespace's uuid in two subsystems",
      [
        node("t1", { exports: [exporting("nqn.a", "10.0.0.1", [1, "u"])] }),
        node("t2", { exports: [exporting("nqn.b", "10.0.0.2", [7, "U"])] }),
      ],
      ["uuid u: t1 t2"],
    ],
    [
      "is one uuid for each namespace of a subsystem on two targets",
      [
        node("t1", { exports: [exporting("nqn.s", "10.0.0.1", [1, "u"], [2, "v"])] }),
        node("t2", { exports: [exporting("nqn.s", "10.0.0.2", [1, "u"], [2, "w"])] }),
        node("i", { connections: [both] }),
      ],
      ["legs nqn.s 2: t1 t2"],
    ],
  ])("%s", (_, nodes, expected) => {
    expect(conflictsOf(nodes).map(brief)).toEqual(expected);
  });

  test("is not a subsystem that the volumes' records have on both targets", () => {
    const nodes = [node("t1", { exports: [one] }), node("t2", { exports: [other] })];
    expect(conflictsOf(nodes, (nqn) => nqn === "nqn.s")).toEqual([]);
  });

  test("is found by comparing each node with each other", () => {
    const name = fc.constantFrom("x", "y", "z");
    const host = fc.record({ hostnqn: name, hostid: name }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(host, { maxLength: 8 }), (hosts) => {
        const nodes = hosts.map((each, index) => node(`n${index}`, { host: each }));
        const expected = hosts.map((mine, index) =>
          hosts.some(
            (theirs, at) =>
              at !== index &&
              ((mine.hostnqn !== undefined && mine.hostnqn === theirs.hostnqn) ||
                (mine.hostid !== undefined && mine.hostid === theirs.hostid)),
          ),
        );
        const { nodes: judged } = judge(nodes);
        expect(judged.map(({ state }) => state === "degraded")).toEqual(expected);
      }),
    );
  });

  test("of 10,000 clones names the first few and counts the rest", () => {
    const nodes = Array.from({ length: 10_000 }, (_, index) => node(`n${index}`, { host: clone }));
    const { nodes: judged } = judge(nodes);
    expect(judged.at(-1)?.reasons.join()).toContain("n0, n1, n2 and 9996 more");
  });
});

describe("a conflict of identities", () => {
  const nodes = [
    node("db01", { host: clone }),
    node("db02", { host: clone }),
    node("t1", { exports: [one, exporting("nqn.a", "10.0.0.1", [1, "w"])] }),
    node("t2", { exports: [other, exporting("nqn.b", "10.0.0.2", [3, "w"])] }),
  ];
  const commands = judge(nodes).nodes.flatMap(({ reasons }) =>
    reasons.flatMap((reason) => /flashfleet exec (.*)$/.exec(reason)?.[1] ?? []),
  );

  test("degrades every node that has a part in it, and names the others", () => {
    const { nodes: judged } = judge([...nodes, node("db03")]);
    expect(judged.map(({ node: name, state }) => `${name} ${state}`)).toEqual([
      "db01 degraded",
      "db02 degraded",
      "t1 degraded",
      "t2 degraded",
      "db03 healthy",
    ]);
    expect(judged[0]?.reasons).toEqual([
      expect.stringMatching(/^the identity of db01 \(host NQN nqn\.image, host id ab\) is also that of db02: /),
    ]);
    expect(judged[3]?.reasons).toEqual([
      expect.stringMatching(/^subsystem nqn\.s of t2 is also exported by t1, /),
      expect.stringMatching(/^uuid w of namespace 3 of nqn\.b on t2 is also exported by t1 in another subsystem: /),
    ]);
  });

  test("comes with command lines that exec takes as they are", () => {
    expect(commands).toHaveLength(6);
    for (const command of commands) {
      const [pattern = "", module = "", ...words] = command.split(" ").map((word) => word.replaceAll("'", ""));
      expect(adhocPlaybook({ pattern, module, words }).plays).toHaveLength(1);
    }
  });

  test("offers each clone another identity, and the same one whenever it is asked", () => {
    const identities = commands.filter((command) => command.includes("nvme_host_identity"));
    expect(identities[0]).toMatch(
      /^db01 nvme_host_identity hostnqn=nqn\.2014-08\.org\.nvmexpress:uuid:([0-9a-f-]{36}) hostid=\1$/,
    );
    expect(new Set(identities.map((command) => command.split("hostid=")[1])).size).toBe(2);
    expect(judge(nodes)).toEqual(judge(nodes));
  });

  test.each<[string, string, string, string[], string | undefined]>([
    ["of the initiator stands in the way", "db02", "nqn.x", [], "db01"],
    ["of the subsystem stands in the way", "db03", "nqn.s", [], "t1 is also exported by t2"],
    ["of a namespace stands in the way", "db03", "nqn.x", ["W"], "uuid w of namespace 1"],
    ["of others does not", "db03", "nqn.x", ["y"], undefined],
  ])("%s of a connection", (_, initiator, nqn, uuids, says) => {
    const error = conflictErrors(conflictsOf(nodes))({ initiator: NodeId.parse(initiator), nqn, uuids });
    if (says === undefined) return expect(error).toBeUndefined();
    expect(error).toMatchObject({ code: "identity_conflict", message: expect.stringContaining(says) });
    expect(error?.message).toMatch(new RegExp(`^cannot connect ${initiator} to ${nqn}: `));
    expect(error?.hint).toContain("flashfleet exec ");
  });
});
