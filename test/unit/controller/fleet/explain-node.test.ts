import { describe, expect, test } from "vitest";
import { type Explanation, explainNode } from "../../../../controller/fleet/explain.ts";
import { NodeId } from "../../../../shared/protocol/ids.ts";
import { connection, livePaths, newsOf, nqn, type PairCase, surveyIn } from "../../../support/pair-evidence.ts";

function nodeExplained(node: string, given: PairCase): Explanation[] {
  const { survey, several } = surveyIn(given);
  return explainNode(survey, NodeId.parse(node), several);
}

const connecting = livePaths.map((path) => ({ ...path, state: "connecting" }));
const absent = (message: string) => ({ code: "device_absent", message, resource: `nvmet_subsystem ${nqn}` });

describe("a node", () => {
  test.each<[string, string, PairCase, Partial<Explanation>]>([
    [
      "that is down shows itself, and how much depends on it",
      "flash01",
      { targetSilent: 60_000, initiator: { paths: connecting } },
      {
        about: ["node flash01"],
        state: "unknown",
        cause: "nothing heard of flash01 for 60 s; 1 volume of it cannot be judged",
      },
    ],
    [
      "that says itself what is wrong is explained by that",
      "flash01",
      { targetConditions: [absent("no drive a"), absent("no drive b")] },
      {
        about: ["node flash01"],
        state: "degraded",
        cause: "flash01 says: no drive a; and 1 more (flashfleet health flash01)",
      },
    ],
    [
      "that is a clone is explained by that",
      "db02",
      { more: [newsOf("db02", { host: { hostnqn: "nqn.db01" } })] },
      { about: ["node db02"], remedy: expect.stringContaining("flashfleet exec db02 nvme_host_identity") },
    ],
    [
      "whose volumes suffer from another node is explained by that one",
      "db01",
      { targetSilent: 60_000 },
      { about: ["db01/data on db01"], at: NodeId.parse("flash01"), cause: "nothing heard of flash01 for 60 s" },
    ],
    [
      "that says no more than that a path is down is explained by what took it down",
      "db01",
      {
        target: null,
        initiator: { paths: connecting },
        initiatorConditions: [{ code: "not_converging", message: "nvme1 is connecting and not live" }],
      },
      { about: ["db01/data on db01"], at: NodeId.parse("flash01"), cause: "flash01 does not export it" },
    ],
    [
      "with a connection beside its volumes that fails is explained by that",
      "db02",
      {
        more: [
          newsOf("db02", {
            connections: [{ ...connection, hostnqn: "", nqn: "nqn.other", paths: [], namespaces: [] }],
          }),
        ],
      },
      { about: ["nqn.other on db02"], state: "failed" },
    ],
    [
      "on which all is well is explained by its figures",
      "flash01",
      {},
      { state: "healthy", cause: "nothing is wrong: 1 volume, 1 export, 0 connections, all healthy", remedy: "" },
    ],
  ])("%s", (_, node, given, wanted) => {
    const [explanation, ...more] = nodeExplained(node, given);
    expect(more).toEqual([]);
    expect(explanation).toMatchObject(wanted);
  });
});
