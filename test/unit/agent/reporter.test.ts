import { beforeEach, describe, expect, test } from "vitest";
import type { Observation } from "../../../agent/observe/observe.ts";
import { Reporter } from "../../../agent/reporter.ts";
import { intercept } from "../../../agent/system/intercept.ts";
import type { System } from "../../../agent/system/system.ts";
import type { Bus } from "../../../shared/bus/bus.ts";
import { systemClock } from "../../../shared/clock.ts";
import { createLogger } from "../../../shared/logger.ts";
import { answers } from "../../../shared/protocol/ask.ts";
import { Report } from "../../../shared/protocol/report.ts";
import { type AgentNode, agentNode } from "../../support/agent-node.ts";
import { nodeId, type Tasks } from "../../support/wanted.ts";

const nqn = "nqn.a";
const exporting: Tasks = [
  { nvmet_port: { id: 1, address: "10.0.0.1" } },
  { nvmet_subsystem: { nqn, allow_any_host: true, namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }], ports: [1] } },
];

/** A bus on which a controller takes reports. */
function busFor(reports: Report[]): Bus {
  const nothing: Disposable = { [Symbol.dispose]: () => {} };
  const refuse = () => {
    throw new Error("a reporter reports");
  };
  return {
    ask: async (kind, question) => {
      const report = Report.parse(question);
      reports.push(report);
      return answers[kind].parse({ v: 1, sequence: report.sequence });
    },
    call: refuse,
    serve: () => nothing,
    answer: () => nothing,
    publish: refuse,
    onHeartbeat: () => nothing,
    onStatus: () => nothing,
    close: async () => {},
  };
}

describe("a report of what a task saw at its end", () => {
  let node: AgentNode;
  let reports: Report[];
  let looks: number;
  let reporter: Reporter;

  beforeEach(async () => {
    node = agentNode();
    reports = [];
    looks = 0;
    const system: System = intercept(node.system, {
      read: (path) => {
        looks++;
        return node.system.read(path);
      },
    });
    const desk = { node: nodeId, system, bus: busFor(reports), store: node.store, clock: systemClock, bootId: "b" };
    reporter = await Reporter.open({ ...desk, log: createLogger({ name: "test", level: "silent" }) });
    await reporter.report();
    looks = 0;
  });

  async function seenBy(tasks: Tasks): Promise<Observation> {
    const { last } = await node.converge(tasks);
    if (last === undefined) throw new Error("it was not reached");
    return last;
  }

  test("says what is there now without another look at the node", async () => {
    reporter.learn(await seenBy(exporting));
    await reporter.reportLearned();
    expect(looks).toBe(0);
    expect(reports.at(-1)).toMatchObject({
      exports: [{ nqn, namespaces: [{ enabled: true, size: 1e9 }], ports: [{ id: 1, listening: true }] }],
    });
    const { sequence, exports } = await reporter.make();
    expect({ sequence, exports }).toEqual({ sequence: reports.at(-1)?.sequence, exports: reports.at(-1)?.exports });
  });

  test("is made of a look where a task has failed, and nothing was learned", async () => {
    await node.converge(exporting);
    await reporter.reportLearned();
    expect(looks).toBeGreaterThan(0);
    expect(reports.at(-1)?.exports).toHaveLength(1);
  });

  test("does not put back what a later look has seen to be gone", async () => {
    reporter.learn(await seenBy(exporting));
    await node.converge([{ nvmet_subsystem: { nqn, state: "absent" } }]);
    await reporter.report();
    await reporter.reportLearned();
    expect(reports.at(-1)?.exports).toEqual([]);
  });

  test("is not sent where it says nothing new", async () => {
    const seen = await seenBy(exporting);
    for (const expected of [2, 2]) {
      reporter.learn(seen);
      await reporter.reportLearned();
      expect(reports).toHaveLength(expected);
    }
  });
});
