import { beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../../../../agent/orders/orders.ts";
import { intercept } from "../../../../agent/system/intercept.ts";
import { formatDhchapKey } from "../../../../shared/nvme/dhchap.ts";
import { type AgentNode, agentOn } from "../../../support/agent-node.ts";
import { type Desk, deskOf } from "../../../support/desk.ts";
import { drivenNode, fastTime } from "../../../support/driven-node.ts";
import { renderTree } from "../../../support/render-tree.ts";
import type { Tasks } from "../../../support/wanted.ts";

const says = (answer: Answer | undefined) => answer?.steps?.map((step) => step.says) ?? [];

const port: Tasks = [{ nvmet_port: { id: 1, address: "10.0.0.1" } }];
const subsystem: Tasks = [
  { nvmet_subsystem: { nqn: "nqn.s", namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }], ports: [1] } },
];
const key = (fill: number) => formatDhchapKey(new Uint8Array(32).fill(fill));
const host = (version: string): Tasks => [{ nvmet_host: { nqn: "nqn.h", dhchap_key: { secret: "key", version } } }];

let node: AgentNode;
let desk: Desk;
beforeEach(() => {
  node = drivenNode(fastTime());
  desk = deskOf(node);
});

const kept = () =>
  [node.store.spec, node.store.owned, node.store.pins, node.store.secrets, node.store.journal].map((c) => c.get());

describe("a check", () => {
  test("says what would be done, and does nothing", async () => {
    const before = await renderTree(node.system);
    const [answer] = await desk.tasks(port, { run: "r1" });
    expect(answer).toMatchObject({ outcome: "changed", generation: 1 });
    expect(says(answer).at(-1)).toContain("set addr_trtype to tcp");
    expect(await renderTree(node.system)).toEqual(before);
    expect(node.store.spec.get().generation).toBe(0);
    expect(desk.effects()).toBe(0);
  });

  test("does no operation on the node, whatever it is asked, and writes nothing to its disk", async () => {
    const refused: string[] = [];
    const guarded = agentOn(node.system, {
      store: node.store,
      clock: node.shop.clock,
      through: (system) =>
        intercept(system, {
          do: async ({ op }) => void refused.push(op),
          exec: ({ argv: [program] }) => {
            refused.push(program);
            throw new Error("a check runs nothing");
          },
        }),
    });
    await node.converge([...port, ...subsystem]);
    const before = JSON.stringify(kept());
    const all: Tasks = [
      ...host("1"),
      { nvme_host_identity: {} },
      { nvmet_subsystem: { nqn: "nqn.t", ports: [1] } },
      { nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.1" }] } },
      { nvmet_subsystem: { nqn: "nqn.s", state: "absent" } },
      { nvmet_port: { id: 1, address: "10.0.0.1", state: "absent" } },
      { kernel_module: { name: "nvmet", state: "absent" } },
    ];
    const answers = await deskOf(guarded).tasks(all, { run: "r1", secrets: { "key@1": key(1) } });
    expect(answers.map(({ outcome }) => outcome)).toContain("changed");
    const command = { do: "action", action: "command", arguments: { cmd: "hostname" } } as const;
    expect(await deskOf(guarded).give(command, { run: "r1" })).toMatchObject({ result: { skipped: true } });
    expect(refused).toEqual([]);
    expect(JSON.stringify(kept())).toBe(before);
  });

  test("stands on what the tasks before it in the same run would make, and on those of no other run", async () => {
    const [alone] = await desk.tasks(subsystem, { run: "r1" });
    expect(alone).toMatchObject({ outcome: "refused", error: { code: "not_found" } });
    const [, answer] = await desk.tasks([...port, ...subsystem], { run: "r2" });
    expect(answer).toMatchObject({ outcome: "changed" });
    expect(says(answer)).toContain("link nqn.s into port 1 (tcp 10.0.0.1:4420)");
    expect(says(answer).filter((each) => each.includes("create port"))).toEqual([]);
  });

  test("says at which task the kernel would refuse, what was done until then, and the kernel's reason", async () => {
    node.system.occupyPort("10.0.0.1", 4420);
    const other: Tasks = [{ nvmet_port: { id: 2, address: "10.0.0.1", service_id: 4421 } }];
    const serial: Tasks = [{ nvmet_subsystem: { nqn: "nqn.v", cntlid_min: 9, cntlid_max: 3 } }];
    const answers = await desk.tasks([...host("1"), ...other, ...subsystem, ...serial], {
      run: "r1",
      secrets: { "key@1": key(1) },
    });
    expect(answers.map(({ outcome }) => outcome)).toEqual(["changed", "changed", "refused", "failed"]);
    expect(answers[3]).toMatchObject({
      error: { code: "kernel_refused", message: expect.stringContaining("EINVAL"), cause: { code: "kernel_refused" } },
    });
    expect(says(answers[3])).toContain("create subsystem nqn.v");
  });

  test("is refused for what the real run would be refused for", async () => {
    node.system.mountDrive("nvme0n1", "/data");
    const [, answer] = await desk.tasks([...port, ...subsystem], { run: "r1" });
    expect(answer).toMatchObject({ outcome: "failed", error: { code: "device_in_use" } });
    expect(answer?.error?.message).toContain("mounted at /data");
  });

  test("uses the secrets that come with it, and leaves none on the disk", async () => {
    const [first] = await desk.tasks(host("1"), { run: "r1", secrets: { "key@1": key(1) } });
    expect(first).toMatchObject({ outcome: "changed" });
    const [second] = await desk.tasks(host("2"), { run: "r2" });
    expect(second).toMatchObject({ outcome: "refused", error: { code: "key_missing" } });
    expect(node.store.secrets.get()).toEqual({});
  });

  test("gathers facts and looks for files on what its tasks made", async () => {
    await desk.tasks([{ kernel_module: { name: "nvmet-tcp" } }, { nvme_host_identity: {} }], { run: "r1" });
    const facts = await desk.give({ do: "facts" }, { run: "r1" });
    expect(facts.result).toMatchObject({
      kernel: { modules_loaded: expect.arrayContaining(["nvmet_tcp"]) },
      nvme: { hostnqn: expect.stringContaining("nqn.2014-08.org.nvmexpress:uuid:") },
    });
    const arguments_ = { cmd: "true", creates: "/etc/nvme/hostnqn" };
    const command = await desk.give({ do: "action", action: "command", arguments: arguments_ }, { run: "r1" });
    expect(command).toMatchObject({ outcome: "ok", result: { stdout: "skipped, since /etc/nvme/hostnqn exists" } });
    const { result } = await desk.give({ do: "facts" });
    expect(JSON.stringify(Object(result).kernel.modules_loaded)).not.toContain("nvmet_tcp");
  });

  test("waits in no time for what does not come", async () => {
    const began = performance.now();
    const [answer] = await desk.tasks([{ nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.9" }] } }], {
      run: "r1",
    });
    expect(answer).toMatchObject({ outcome: "failed", error: { code: "kernel_refused" } });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test("takes RDMA to work where the node has devices for it, and knows nothing of the disks", async () => {
    const over = (transport: string): Tasks => [
      { nvmet_port: { id: 7, address: "10.0.0.1", service_id: 4427, transport } },
      { nvmet_subsystem: { nqn: "nqn.r", ports: [7] } },
      { nvme_connection: { nqn: "nqn.far", paths: [{ address: "10.0.0.9", transport }] } },
    ];
    const without = await desk.tasks(over("rdma"), { run: "r1" });
    expect(without.map(({ outcome }) => outcome)).toEqual(["changed", "failed", "failed"]);
    const equipped = agentOn(node.system, {
      store: node.store,
      clock: node.shop.clock,
      through: (system) =>
        intercept(system, {
          list: async (path) => (path === "/sys/class/infiniband" ? ["rxe0"] : system.list(path)),
        }),
    });
    const answers = await deskOf(equipped).tasks(over("rdma"), { run: "r1" });
    expect(answers.map(({ outcome }) => outcome)).toEqual(["changed", "changed", "changed"]);
    expect(answers[2]).toMatchObject({ result: { nqn: "nqn.far", devices: [] } });
    expect(answers[1]?.listeners).toMatchObject([{ transport: "rdma", address: "10.0.0.1", port: 4427 }]);
  });

  test("that was forgotten among others, or by a restart, asks for everything again", async () => {
    await desk.tasks(port, { run: "r1" });
    for (const run of ["r2", "r3", "r4", "r5"]) await desk.tasks(port, { run });
    const edit = { base: 1, generation: 2, set: {} };
    expect(await desk.give({ do: "converge", edit }, { run: "r1" })).toMatchObject({
      outcome: "refused",
      generation: 0,
      error: { code: "call_refused" },
    });
  });

  test("of a node that cannot be observed fails, and the next one tries again", async () => {
    let broken = true;
    const guarded = agentOn(node.system, {
      store: node.store,
      clock: node.shop.clock,
      through: (system) =>
        intercept(system, { addresses: () => (broken ? Promise.reject(new Error("no")) : system.addresses()) }),
    });
    const other = deskOf(guarded);
    await expect(other.tasks(port, { run: "r1" })).rejects.toThrow("no");
    broken = false;
    expect(await other.tasks(port, { run: "r1" })).toMatchObject([{ outcome: "changed" }]);
  });
});
