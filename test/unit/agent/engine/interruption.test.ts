import { describe, expect, test } from "vitest";
import { intercept } from "../../../../agent/system/intercept.ts";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { type Trouble, withFaults } from "../../../../agent/system/model/faults.ts";
import { type AgentNode, agentNode, agentOn } from "../../../support/agent-node.ts";
import { renderTree } from "../../../support/render-tree.ts";
import type { Tasks } from "../../../support/wanted.ts";

const everything: Tasks = [
  {
    nvmet_port: {
      id: 1,
      address: "10.0.0.1",
      ana_groups: [{ id: 2, state: "non-optimized" }],
      referrals: [{ name: "other", transport: "tcp", address: "10.0.0.9", service_id: 4420 }],
    },
  },
  { nvmet_host: { nqn: "nqn.h1", dhchap_hash: "hmac(sha512)" } },
  {
    nvmet_subsystem: {
      nqn: "nqn.s1",
      model: "Flash",
      allowed_hosts: ["nqn.h1", "nqn.h2"],
      namespaces: [
        { nsid: 1, device: "/dev/nvme0n1", ana_group: 2 },
        { nsid: 2, device: "/dev/nvme1n1" },
      ],
      ports: [1],
    },
  },
];
const absent: Tasks = [
  { nvmet_port: { id: 1, address: "10.0.0.1", state: "absent" } },
  { nvmet_host: { nqn: "nqn.h1", state: "absent" } },
  { nvmet_subsystem: { nqn: "nqn.s1", state: "absent" } },
];

/** The ops that a convergence from nothing takes, and the trees before and after. */
async function reference() {
  const node = agentNode();
  const system = withFaults(node.system, []);
  const agent = agentOn(node.system, { store: node.store, through: () => system });
  const { outcome, error } = await agent.converge(everything);
  expect(error).toBeUndefined();
  expect(outcome).toBe("changed");
  const ops = system.operations.filter(({ method }) => method === "do").length;
  return { ops, made: await renderTree(node.system) };
}

type When = "before" | "after";

/** Lets an agent work until this befalls it at its nth op; false where it was done earlier. */
async function until(trouble: Trouble, node: AgentNode, at: number, tasks: Tasks): Promise<boolean> {
  const system = withFaults(node.system, [{ at: { method: "do" }, after: at, trouble }]);
  const agent = agentOn(node.system, { store: node.store, through: () => system });
  return Promise.race([system.ended.then(() => true), agent.converge(tasks).then(() => false)]);
}

/** Lets an agent work and kills it before or after its nth op; false where it was done earlier. */
function untilKilled(node: AgentNode, at: number, when: When, tasks: Tasks): Promise<boolean> {
  return until({ is: "kill", when }, node, at, tasks);
}

describe.each<When>(["before", "after"])("an agent that is killed %s any op", (when) => {
  test("of creating reaches the same tree the next time, as if nothing had been", async () => {
    const { ops, made } = await reference();
    expect(ops).toBeGreaterThan(20);
    for (let at = 0; at < ops; at++) {
      const node = agentNode();
      await untilKilled(node, at, when, everything);
      const next = agentOn(node.system, { store: node.store });
      const { outcome, error } = await next.converge(everything);
      const last = at === ops - 1 && when === "after";
      expect({ at, outcome, error }).toEqual({ at, outcome: last ? "ok" : "changed", error: undefined });
      expect(await renderTree(node.system)).toEqual(made);
    }
  });

  test("of removing reaches the empty tree the next time", async () => {
    for (let at = 0, cut = true; cut; at++) {
      const node = agentNode();
      await node.converge([{ kernel_module: { name: "nvmet" } }]);
      await node.converge([{ nvmet_subsystem: { nqn: "x" } }]);
      await node.converge([{ nvmet_subsystem: { nqn: "x", state: "absent" } }]);
      const before = await renderTree(node.system);
      expect((await node.converge(everything)).outcome).toBe("changed");
      cut = await untilKilled(node, at, when, absent);
      const next = agentOn(node.system, { store: node.store });
      expect((await next.converge(absent)).error).toBeUndefined();
      expect(await renderTree(node.system)).toEqual(before);
      // Killed just after an op, the record still names what the op removed: better than the other way round.
      if (when === "before") expect(node.store.owned.get().filter((key) => !key.startsWith("module "))).toEqual([]);
    }
  });

  test("of connecting and disconnecting gets there the next time", async () => {
    const fabric = createMemoryFabric();
    const target = agentNode({ fabric });
    const device = { nsid: 1, device: "/dev/nvme0n1" };
    await target.converge([
      { nvmet_port: { id: 1, address: "10.0.0.1" } },
      { nvmet_subsystem: { nqn: "nqn.s", allow_any_host: true, namespaces: [device], ports: [1] } },
    ]);
    const connection = { nqn: "nqn.s", paths: [{ address: "10.0.0.1" }], ctrl_loss_tmo: 60, iopolicy: "round-robin" };
    for (const state of ["present", "absent"]) {
      const tasks: Tasks = [{ nvme_connection: { ...connection, state } }];
      for (let at = 0, cut = true; cut; at++) {
        const node = agentNode({ fabric, addresses: ["10.0.0.2/24"], drives: [] });
        if (state === "absent") await node.converge([{ nvme_connection: connection }]);
        cut = await untilKilled(node, at, when, tasks);
        const next = agentOn(node.system, { store: node.store });
        expect((await next.converge(tasks)).error).toBeUndefined();
        expect(await next.converge(tasks)).toMatchObject({ outcome: "ok", steps: [] });
        await node.system.stop();
      }
    }
    await target.system.stop();
  });
});

describe.each<When>(["before", "after"])("a node that loses power %s any op", (when) => {
  test("of creating reaches the same tree after its next boot, and of removing the tree of a node that was just booted", async () => {
    const { ops, made } = await reference();
    for (const tasks of [everything, absent]) {
      for (let at = 0, cut = true; cut; at++) {
        expect(at).toBeLessThanOrEqual(ops);
        const node = agentNode();
        if (tasks === absent) await node.converge(everything);
        cut = await until({ is: "power loss", when }, node, at, tasks);
        const next = agentOn(await node.system.boot(), { store: node.store });
        const { error } = await next.converge(tasks);
        expect({ at, error }).toEqual({ at, error: undefined });
        if (tasks === everything) expect(await renderTree(next.system)).toEqual(made);
        else expect((await renderTree(next.system)).join()).not.toMatch(/nqn\.|10\.0\.0/);
        expect(await next.converge(tasks)).toMatchObject({ outcome: "ok", steps: [] });
      }
    }
  });
});

describe("the ownership record", () => {
  const subsystem: Tasks = [{ nvmet_subsystem: { nqn: "nqn.s1" } }];

  test("is written before the thing is made", async () => {
    const node = agentNode();
    const seen: boolean[] = [];
    const watching = agentOn(node.system, { store: node.store });
    const add = watching.shop.ownership.add;
    watching.shop.ownership.add = async (keys) => {
      await add(keys);
      if (keys.includes("subsystem nqn.s1")) {
        const tree = await renderTree(node.system);
        seen.push(tree.some((line) => line.includes("nqn.s1")));
      }
    };
    await watching.converge(subsystem);
    expect(seen).toEqual([false]);
  });

  test.each([
    ["is dropped when the kernel refuses it", "ENOSPC", false],
    ["stays when it may still be under way", "ETIMEDOUT", true],
  ])("%s", async (_, errno, stays) => {
    const node = agentNode();
    await node.converge([{ kernel_module: { name: "nvmet" } }, { nvmet_host: { nqn: "nqn.other" } }]);
    const agent = agentOn(node.system, {
      store: node.store,
      through: (system) => withFaults(system, [{ at: { method: "do" }, trouble: { is: "errno", errno } }]),
    });
    expect(await agent.converge(subsystem)).toMatchObject({ outcome: "failed" });
    expect(node.store.owned.get().includes("subsystem nqn.s1")).toBe(stays);
  });

  test("does not name what somebody else made between the look and the step", async () => {
    const node = agentNode();
    await node.converge([{ kernel_module: { name: "nvmet" } }, { nvmet_host: { nqn: "nqn.other" } }]);
    await node.converge(subsystem, {
      beforeStep: async () => {
        const path = "/sys/kernel/config/nvmet/subsystems/nqn.s1";
        await node.system.do({ op: "mkdir", path }, Number.MAX_SAFE_INTEGER).catch(() => undefined);
      },
    });
    expect(await node.converge([{ nvmet_subsystem: { nqn: "nqn.s1", state: "absent" } }])).toMatchObject({
      outcome: "refused",
      error: { code: "not_ours" },
    });
  });
});

describe("a kernel that does not do as it says", () => {
  test("a write that is taken and ignored is not converging, and is not tried for ever", async () => {
    const node = agentNode();
    const ignoring = agentOn(node.system, {
      store: node.store,
      through: (system) =>
        intercept(system, {
          do: async (op, deadline) => {
            if (op.op === "write" && op.path.endsWith("/enable")) return;
            await system.do(op, deadline);
          },
        }),
    });
    expect(
      await ignoring.converge([{ nvmet_subsystem: { nqn: "s", namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }] } }]),
    ).toMatchObject({
      outcome: "failed",
      error: {
        code: "not_converging",
        message:
          "cannot enable namespace 1 of s on /dev/nvme0n1: it was done, and the node still reads as if it were not",
      },
    });
  });

  test("a device that does not come is waited for, then named", async () => {
    const node = agentNode();
    const waits: string[] = [];
    const task: Tasks = [{ nvmet_subsystem: { nqn: "s", namespaces: [{ nsid: 1, device: "/dev/nvme7n1" }] } }];
    expect(await node.converge(task, { patience: 500, onWait: ({ says }) => waits.push(says) })).toMatchObject({
      outcome: "failed",
      error: { code: "device_absent", message: "cannot export /dev/nvme7n1: this node has no such drive" },
    });
    expect(waits[0]).toBe("device /dev/nvme7n1");
  });
});
