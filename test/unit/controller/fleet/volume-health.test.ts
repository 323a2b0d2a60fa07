import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgePairs } from "../../../../controller/fleet/volume-health.ts";
import {
  connection,
  evidenceIn,
  exported,
  far,
  livePaths,
  namespace,
  newsOf,
  type PairCase,
} from "../../../support/pair-evidence.ts";

const stranger = newsOf("db09", {
  connections: [{ ...connection, hostnqn: "nqn.db09" }],
  host: { hostnqn: "nqn.db09" },
});
const [firstPath] = livePaths;

describe("a volume on an initiator", () => {
  test.each<[string, PairCase, string, string[]]>([
    ["that both ends have as it was given out is healthy", {}, "healthy", []],
    [
      "that was never made is allocated",
      { pair: { ready: false } },
      "allocated",
      ["it has its drive, and is not connected"],
    ],
    [
      "that a run is at is working, whatever its ends say",
      { pair: { open: { does: "make", before: {} } }, target: null },
      "working",
      ["being made"],
    ],
    [
      "of which an end went out of reach in the middle is in doubt, and says why",
      { pair: { open: { does: "end", before: {}, doubt: "no answer from flash01" } } },
      "in doubt",
      ["no answer from flash01"],
    ],
    [
      "whose initiator is silent is unknown, and says how long",
      { initiatorSilent: 40_000 },
      "unknown",
      ["nothing heard of db01 for 40 s"],
    ],
    [
      "whose initiator has not come back to this controller is unknown",
      { initiatorUnknown: true },
      "unknown",
      ["nothing heard of db01 since this controller started"],
    ],
    [
      "whose target is silent is unknown, and nothing is said of what it had before",
      { targetSilent: 40_000, target: { allowAnyHost: true } },
      "unknown",
      ["nothing heard of flash01 for 40 s"],
    ],
    [
      "that its initiator knows nothing of has failed",
      { initiator: null },
      "failed",
      ["db01 is not connected to it, and does not try to"],
    ],
    [
      "that its target lets anybody into is degraded",
      { target: { allowAnyHost: true } },
      "degraded",
      ["flash01 lets any host in"],
    ],
    [
      "that its target lets a host of the fleet into that is none of its initiators is degraded, and names the node",
      { target: { allowedHosts: ["nqn.db01", "nqn.db08"] }, more: [newsOf("db08", { host: { hostnqn: "nqn.db08" } })] },
      "degraded",
      ["flash01 lets db08 in, which is none of its initiators"],
    ],
    [
      "whose initiator is no longer let in is degraded, though its session lives",
      { target: { allowedHosts: [] } },
      "degraded",
      ["flash01 no longer lets db01 in: it would not come back after a reconnect"],
    ],
    [
      "that a stranger is connected to is degraded",
      { more: [stranger] },
      "degraded",
      ["db09 is connected to it, and is none of its initiators"],
    ],
    [
      "whose drive has grown is degraded, and says that initiators were not told",
      {
        target: { namespaces: [{ ...namespace, size: 3e9 }] },
        initiator: { namespaces: connection.namespaces.map((each) => ({ ...each, size: 3e9 })) },
      },
      "degraded",
      ["/dev/nvme0n1 on flash01 has grown from 2.00 GB to 3.00 GB, and its initiators were not told"],
    ],
    [
      "that its target exports in other places, too, has drifted",
      {
        target: {
          ports: [
            ...exported.ports,
            { id: 9, transport: "tcp", address: "10.9.9.9", serviceId: "4420", listening: true },
          ],
        },
      },
      "drifted",
      ["flash01 exports it at 10.9.9.9:4420, too"],
    ],
    [
      "that its initiator's spec has lost has drifted: it works until the next boot",
      { initiator: { expected: undefined } },
      "drifted",
      ["the spec of db01 does not have it: it would be gone after a boot"],
    ],
    [
      "over a path that nobody gave out has drifted",
      { initiator: { paths: [...livePaths, { ...far, controller: "nvme3", state: "live", address: "10.9.9.9" }] } },
      "drifted",
      ["db01 has a path to 10.9.9.9:4421, too"],
    ],
    [
      "with another namespace in its subsystem has drifted",
      {
        target: {
          namespaces: [namespace, { ...namespace, nsid: 2, uuid: "other", nguid: "", device: "/dev/nvme7n1" }],
        },
      },
      "drifted",
      ["flash01 has a namespace 2 in it, too, on /dev/nvme7n1"],
    ],
    [
      "with a path missing and a stranger is degraded by both, the path first",
      { initiator: { paths: firstPath === undefined ? [] : [firstPath] }, more: [stranger] },
      "degraded",
      [
        "path tcp 10.30.1.1:4421 is missing: flash01 listens; look at the network between, and at dmesg on both ends",
        "db09 is connected to it, and is none of its initiators",
      ],
    ],
    [
      "that is not exported any more has failed, and says so from both ends",
      { target: null, initiator: { paths: livePaths.map((path) => ({ ...path, state: "connecting" })) } },
      "failed",
      [
        expect.stringContaining("path tcp 10.20.1.1:4421 is connecting: no target of the fleet exports"),
        expect.stringContaining("path tcp 10.30.1.1:4421 is connecting: no target of the fleet exports"),
        "flash01 does not export it",
      ],
    ],
  ])("%s", (_, given, state, reasons) => {
    const verdicts = judgePairs(evidenceIn(given));
    expect(verdicts).toMatchObject([{ volume: "db01/data", initiator: "db01", state }]);
    expect(verdicts[0]?.reasons).toEqual(reasons);
  });

  test("counts the live paths among those that were given out", () => {
    const paths = livePaths.map((path, index) => ({ ...path, state: index === 0 ? "live" : "connecting" }));
    expect(judgePairs(evidenceIn({ initiator: { paths } }))[0]?.paths).toEqual({ live: 1, expected: 2 });
  });

  test("is never healthier with a path down than with it up", () => {
    const order = ["failed", "unknown", "degraded", "drifted", "healthy"];
    const anyState = fc.constantFrom("live", "connecting", "resetting", "dead");
    fc.assert(
      fc.property(anyState, anyState, fc.boolean(), (one, two, isStranger) => {
        const verdict = (states: string[]) => {
          const paths = livePaths.map((path, index) => ({ ...path, state: states[index] ?? "live" }));
          return judgePairs(evidenceIn({ initiator: { paths }, more: isStranger ? [stranger] : [] }))[0]?.state ?? "";
        };
        expect(order.indexOf(verdict([one, two]))).toBeLessThanOrEqual(order.indexOf(verdict(["live", two])));
      }),
    );
  });
});
