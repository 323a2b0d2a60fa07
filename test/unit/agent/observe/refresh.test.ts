import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nothing } from "../../../../agent/observe/focus.ts";
import { observe } from "../../../../agent/observe/observe.ts";
import type { Seen } from "../../../../agent/observe/observed.ts";
import { refresh } from "../../../../agent/observe/refresh.ts";
import { buildReport, type ReportSection, reportSections } from "../../../../agent/report.ts";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { type AgentNode, agentNode } from "../../../support/agent-node.ts";
import { connected, namespace, seen, subsystem } from "../../../support/observed.ts";
import { nodeId, type Tasks } from "../../../support/wanted.ts";

const gone = { state: "absent" };

let target: AgentNode;
let initiator: AgentNode;
beforeEach(() => {
  const fabric = createMemoryFabric();
  target = agentNode({ fabric });
  initiator = agentNode({ fabric, hostname: "db01", addresses: ["10.0.0.2/24"] });
});
afterEach(async () => {
  await initiator.system.stop();
  await target.system.stop();
});

const reported = (parts: Seen<ReportSection>, { store }: AgentNode) =>
  buildReport(parts, { node: nodeId, sequence: 1, bootId: "b", at: 0, spec: store.spec.get(), conditions: [] });

/** Converges, and compares what follows from the last look of each task with a look at the whole node. */
async function expectSame(node: AgentNode, tasks: readonly Tasks[]): Promise<void> {
  let known: Seen<ReportSection> | undefined = await observe(node.system, reportSections);
  for (const task of tasks) {
    const { outcome, last } = await node.converge(task);
    expect(outcome, JSON.stringify(task)).toBe("changed");
    known = known === undefined || last === undefined ? undefined : refresh(known, last);
    expect(known).toBeDefined();
    if (known === undefined) return;
    const whole = await observe(node.system, reportSections);
    expect(reported(known, node), JSON.stringify(task)).toEqual(reported(whole, node));
  }
}

const exported = (nqn: string, device: string): Tasks => [
  { nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"], namespaces: [{ nsid: 1, device }], ports: [1] } },
];

describe("what is known of a node, with what a task saw at its end", () => {
  test("says the same as a look at the whole target, task by task", async () => {
    const serial = (await target.system.list("/dev/disk/by-id")).find((name) => name.endsWith("_B"));
    await expectSame(target, [
      [{ kernel_module: { name: ["nvmet", "nvmet-tcp"] } }],
      [{ nvmet_port: { id: 1, address: "10.0.0.1" } }],
      exported("nqn.a", "/dev/nvme0n1"),
      exported("nqn.b", `/dev/disk/by-id/${serial}`),
      [{ nvmet_host: { nqn: "nqn.h2" } }],
      [{ nvmet_subsystem: { nqn: "nqn.a", ...gone } }],
      [{ nvmet_subsystem: { nqn: "nqn.b", ...gone } }],
      [{ nvmet_port: { id: 1, address: "10.0.0.1", ...gone } }],
    ]);
  });

  test("says the same as a look at the whole initiator, task by task", async () => {
    await target.converge([{ nvmet_port: { id: 1, address: "10.0.0.1" } }]);
    for (const [nqn, device] of [
      ["nqn.a", "/dev/nvme0n1"],
      ["nqn.b", "/dev/nvme1n1"],
    ] as const) {
      const open = { nqn, allow_any_host: true, namespaces: [{ nsid: 1, device }], ports: [1] };
      await target.converge([{ nvmet_subsystem: open }]);
    }
    const paths = [{ address: "10.0.0.1" }];
    await expectSame(initiator, [
      [{ nvme_host_identity: {} }],
      [{ nvme_connection: { nqn: "nqn.a", paths } }],
      [{ nvme_connection: { nqn: "nqn.b", paths } }],
      [{ nvme_connection: { nqn: "nqn.a", paths, ...gone } }],
    ]);
  });

  test("is not known where it names something that was never looked at", () => {
    const known = seen({ nvmet: { subsystems: [subsystem("nqn.a")] } });
    const both = { hosts: [], subsystems: ["nqn.a", "nqn.b"] };
    const { nvmet } = seen({ nvmet: { names: both } });
    expect(refresh(known, { seen: { nvmet }, focus: nothing })).toBeUndefined();
    const fresh = { ...nvmet, subsystems: [subsystem("nqn.b", { namespaces: [namespace(1)] })] };
    const now = refresh(known, { seen: { nvmet: fresh }, focus: { ...nothing, subsystems: new Set(["nqn.b"]) } });
    expect(now?.nvmet.subsystems.map(({ nqn, namespaces }) => [nqn, namespaces.length])).toEqual([
      ["nqn.a", 0],
      ["nqn.b", 1],
    ]);
  });

  test("keeps the connections that a task was not about, and drops one that it saw gone", () => {
    const known = seen({
      subsystems: [connected("nqn.a", { name: "nvme-subsys1" }), connected("nqn.b", { name: "nvme-subsys2" })],
    });
    const { fabrics } = seen();
    const now = refresh(known, { seen: { fabrics }, focus: { ...nothing, connections: new Set(["nqn.a"]) } });
    expect(now?.fabrics.subsystems.map(({ nqn }) => nqn)).toEqual(["nqn.b"]);
  });
});
