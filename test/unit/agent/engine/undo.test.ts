import { describe, expect, test } from "vitest";
import { takeCandidate } from "../../../../agent/orders/candidate.ts";
import { type Fault, type Matching, withFaults } from "../../../../agent/system/model/faults.ts";
import { systemClock } from "../../../../shared/clock.ts";
import type { Consent } from "../../../../shared/protocol/order.ts";
import { type AgentNode, agentNode, agentOn } from "../../../support/agent-node.ts";
import { renderTree } from "../../../support/render-tree.ts";
import { editOf, type Tasks } from "../../../support/wanted.ts";

const nqn = "nqn.s";
const port = { id: 1, address: "10.0.0.1" };
const before: Tasks = [
  { nvmet_port: port },
  { nvmet_subsystem: { nqn, namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }], ports: [1] } },
];

/** An order of these tasks on a node that refuses the ops chosen. */
async function order(node: AgentNode, tasks: Tasks, refuses: readonly Matching[] = [], consent?: Consent) {
  const faults = refuses.map((at): Fault => ({ at, times: "for ever", trouble: { is: "errno", errno: "EIO" } }));
  const progress: string[] = [];
  const { shop } = agentOn(node.system, {
    store: node.store,
    through: (system) => withFaults(system, faults),
  });
  const edit = editOf(node.store.spec.get(), tasks);
  const job = { progress: (text: string) => progress.push(text), effect: async () => {} };
  const body = { do: "converge", edit, consent, millis: 10_000 } as const;
  return { answer: await takeCandidate({ shop, store: node.store, clock: systemClock }, body, job), progress };
}

const ops = (path: string): Matching => ({ method: "do", path: `${path}$` });

describe("a candidate", () => {
  test("that is reached becomes the spec, and the same once more leaves no trace", async () => {
    const node = agentNode();
    const { answer } = await order(node, before);
    expect(answer).toMatchObject({ outcome: "changed" });
    expect(node.store.spec.get().generation).toBe(1);
    expect((await order(node, before)).answer).toMatchObject({ outcome: "ok", steps: [] });
    expect(node.store.spec.get().generation).toBe(1);
  });

  test("made on another generation is refused before anything is looked at", async () => {
    const node = agentNode();
    await node.converge(before);
    const stale = { ...editOf(node.store.spec.get(), before), base: 0 };
    const job = { progress: () => {}, effect: async () => {} };
    await expect(
      takeCandidate(
        { shop: node.shop, store: node.store, clock: systemClock },
        { do: "converge", edit: stale, millis: 1000 },
        job,
      ),
    ).rejects.toMatchObject({ code: "call_refused" });
  });

  test("that fails at a child keeps what was there before, and says what it could not take back", async () => {
    const node = agentNode();
    await node.converge(before);
    const tree = await renderTree(node.system);
    const spec = node.store.spec.get();
    const more = {
      nqn,
      namespaces: [
        { nsid: 1, device: "/dev/nvme0n1" },
        { nsid: 2, device: "/dev/nvme1n1" },
      ],
      ports: [1],
    };
    const { answer, progress } = await order(node, [{ nvmet_subsystem: more }], [ops("/namespaces/2/enable")]);
    expect(answer).toMatchObject({ outcome: "failed", error: { code: "kernel_refused" } });
    expect(progress).toContain("undo: remove namespace 2 of nqn.s");
    expect(await renderTree(node.system)).toEqual(tree);
    expect(node.store.spec.get()).toEqual(spec);
  });

  test("that fails at a path takes back the one that it has connected, and leaves the one that was there", async () => {
    const node = agentNode();
    const at = (id: number) => ({ address: "10.0.0.1", service_id: 4419 + id });
    const connection = (...ids: number[]) => ({ nvme_connection: { nqn, paths: ids.map(at) } });
    const exported = { nqn, allow_any_host: true, namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }], ports: [1, 2] };
    await node.converge([
      ...[1, 2].map((id) => ({ nvmet_port: { id, ...at(id) } })),
      { nvmet_subsystem: exported },
      connection(1),
    ]);
    const tree = await renderTree(node.system);
    const owned = node.store.owned.get();
    const { answer } = await order(node, [connection(1, 2, 3)]);
    expect(answer).toMatchObject({
      outcome: "failed",
      steps: [{ says: "connect nqn.s over tcp 10.0.0.1:4421" }],
      error: { message: expect.stringContaining("10.0.0.1:4422") },
    });
    expect(answer.error?.hint ?? "").not.toContain("could not be undone");
    expect(await renderTree(node.system)).toEqual(tree);
    expect(node.store.owned.get()).toEqual(owned);
  });

  test("whose first step fails half way is undone too", async () => {
    const node = agentNode();
    await node.converge([{ nvmet_port: { ...port, treq: "not required" } }]);
    const tree = await renderTree(node.system);
    const changed = { ...port, treq: "required", inline_data_size: 8192 };
    const { answer } = await order(node, [{ nvmet_port: changed }], [ops("/param_inline_data_size")]);
    expect(answer).toMatchObject({ outcome: "failed", steps: [] });
    expect(await renderTree(node.system)).toEqual(tree);
  });

  test("that takes a link off and fails puts it on again", async () => {
    const node = agentNode();
    await node.converge(before);
    const tree = await renderTree(node.system);
    const { answer } = await order(
      node,
      [{ nvmet_port: { ...port, inline_data_size: 8192 } }],
      [ops("/param_inline_data_size")],
    );
    expect(answer).toMatchObject({ outcome: "failed", steps: [{ phase: "unlink" }] });
    expect(await renderTree(node.system)).toEqual(tree);
  });

  test("that cannot be taken back says so, with what stands in the way", async () => {
    const node = agentNode();
    const { answer } = await order(node, before, [{ op: "symlink" }, { op: "rmdir", path: `${nqn}$` }]);
    expect(answer.error).toMatchObject({
      code: "kernel_refused",
      hint: expect.stringContaining("it could not be undone (cannot remove subsystem nqn.s: EIO)"),
    });
  });

  test("with a step that costs more than was consented to does nothing", async () => {
    const node = agentNode();
    await node.converge(before);
    const tree = await renderTree(node.system);
    const absent = [{ nvmet_subsystem: { nqn, state: "absent" } }];
    const { answer } = await order(node, absent, [], { costs: ["none", "path loss"], overrides: [] });
    expect(answer).toMatchObject({
      outcome: "refused",
      steps: [],
      error: {
        code: "plan_refused",
        message: "cannot disable namespace 1 of nqn.s: that may cost data risk, and nobody consented to it",
      },
    });
    expect(await renderTree(node.system)).toEqual(tree);
  });

  test("that removes drops the pins of what is gone: a new one may be another drive", async () => {
    const node = agentNode();
    await order(node, before);
    expect(Object.keys(node.store.pins.get())).toEqual(["nvmet_subsystem nqn.s", "nvmet_subsystem nqn.s namespace 1"]);
    await order(node, [{ nvmet_subsystem: { nqn, state: "absent" } }]);
    expect(node.store.pins.get()).toEqual({});
    expect(Object.keys(node.store.spec.get().entries)).toEqual(["nvmet_port tcp 10.0.0.1:4420"]);
  });
});
