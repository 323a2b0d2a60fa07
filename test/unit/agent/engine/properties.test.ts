import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { phases } from "../../../../agent/engine/step.ts";
import { takeCandidate } from "../../../../agent/orders/candidate.ts";
import { intercept } from "../../../../agent/system/intercept.ts";
import { withFaults } from "../../../../agent/system/model/faults.ts";
import type { Op, System } from "../../../../agent/system/system.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { type AgentNode, agentNode, agentOn } from "../../../support/agent-node.ts";
import { someAbsent, targetTasks } from "../../../support/random-spec.ts";
import { renderTree } from "../../../support/render-tree.ts";
import { editOf, type Tasks } from "../../../support/wanted.ts";

const drives = ["A", "B", "C"].map((serial) => ({ serial, model: "QEMU", size: 1e9 }));
const foreign: Op[] = [
  { op: "mkdir", path: "/sys/kernel/config/nvmet/subsystems/nqn.foreign" },
  { op: "mkdir", path: "/sys/kernel/config/nvmet/hosts/nqn.h1" },
  { op: "mkdir", path: "/sys/kernel/config/nvmet/subsystems/nqn.a" },
  { op: "mkdir", path: "/sys/kernel/config/nvmet/subsystems/nqn.a/namespaces/9" },
  { op: "mkdir", path: "/sys/kernel/config/nvmet/ports/9" },
];

/** A target with things on it that somebody else made. */
async function startingNode(ops: readonly Op[]): Promise<AgentNode> {
  const node = agentNode({ drives });
  await node.converge([{ kernel_module: { name: "nvmet" } }]);
  await node.system.do({ op: "mountConfigfs" }, Number.MAX_SAFE_INTEGER);
  for (const op of ops) {
    // A parent that was not chosen: then its child is not there either.
    await node.system.do(op, Number.MAX_SAFE_INTEGER).catch(() => undefined);
  }
  return node;
}

/** What a system was asked to do, and did. */
function recording(system: System) {
  const ops: Op[] = [];
  const recorder = intercept(system, {
    do: async (op, deadline) => {
      await system.do(op, deadline);
      ops.push(op);
    },
  });
  return { system: recorder, ops };
}

const runs = { numRuns: 60 };
const story = targetTasks.chain((first) =>
  fc.record({
    first: fc.constant(first),
    second: targetTasks,
    absent: someAbsent(first),
    others: fc.subarray(foreign),
  }),
);

describe("whatever a target is told", () => {
  test("it gets there, has nothing left to do then, and links come last", () =>
    fc.assert(
      fc.asyncProperty(story, async ({ first, second, others }) => {
        const node = await startingNode(others);
        for (const tasks of [first, second]) {
          const reached = await node.converge(tasks);
          expect(reached.error?.message).toBeUndefined();
          const order = reached.steps.map(({ phase }) => phases.map(String).indexOf(phase));
          expect(order).toEqual(order.toSorted((a, b) => a - b));
          expect(await node.converge(tasks)).toMatchObject({ outcome: "ok", steps: [] });
        }
      }),
      runs,
    ));

  test("it removes nothing that flashfleet did not make, and what is absent is gone or refused", () =>
    fc.assert(
      fc.asyncProperty(story, async ({ first, absent, others }) => {
        const node = await startingNode(others);
        const { system, ops } = recording(node.system);
        const agent = agentOn(node.system, { store: node.store, through: () => system });
        await agent.converge(first);
        const made = new Set(ops.flatMap((op) => (op.op === "mkdir" || op.op === "symlink" ? [op.path] : [])));
        const before = ops.length;
        await agent.converge(absent);
        const gone = ops.slice(before).flatMap((op) => (op.op === "rmdir" || op.op === "unlink" ? [op.path] : []));
        expect(gone.filter((path) => !made.has(path))).toEqual([]);
        expect(await agent.converge(absent)).toMatchObject({ steps: [] });
      }),
      runs,
    ));

  test("a failure at any op of what is made anew is undone: the tree is as it was, and nothing of it is owned", () =>
    fc.assert(
      fc.asyncProperty(targetTasks, fc.nat(40), async (tasks, at) => {
        const node = await startingNode([]);
        const before = await renderTree(node.system);
        const owned = node.store.owned.get();
        const failed = await failAt(node, at, tasks);
        if (failed === "too few ops") return;
        expect(failed).toMatchObject({
          outcome: "failed",
          error: { code: "kernel_refused", message: expect.stringContaining("EIO") },
        });
        expect(failed.error?.hint ?? "").not.toContain("could not be undone");
        expect(await renderTree(node.system)).toEqual(before);
        expect(node.store.owned.get()).toEqual(owned);
        expect(node.store.spec.get().entries).toEqual({ "kernel_module nvmet": expect.anything() });
      }),
      runs,
    ));
});

/** The tasks as an order, on a node whose op number `at` fails. */
async function failAt(node: AgentNode, at: number, tasks: Tasks) {
  const trouble = { is: "errno", errno: "EIO" } as const;
  const system = withFaults(node.system, [{ at: { method: "do" }, after: at, trouble }]);
  const { shop } = agentOn(node.system, { store: node.store, through: () => system });
  const edit = editOf(node.store.spec.get(), tasks);
  const job = { progress: () => {}, effect: async () => {} };
  const answer = await takeCandidate(
    { shop, store: node.store, clock: systemClock },
    { do: "converge", edit, millis: 10_000 },
    job,
  );
  return system.operations.filter(({ method }) => method === "do").length <= at ? "too few ops" : answer;
}
