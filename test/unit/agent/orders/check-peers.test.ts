import { beforeEach, describe, expect, test } from "vitest";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { formatDhchapKey } from "../../../../shared/nvme/dhchap.ts";
import type { AgentNode } from "../../../support/agent-node.ts";
import { type Desk, deskOf } from "../../../support/desk.ts";
import { drivenNode, fastTime } from "../../../support/driven-node.ts";
import type { Tasks } from "../../../support/wanted.ts";

const port: Tasks = [{ nvmet_port: { id: 1, address: "10.0.0.1" } }];
const key = (fill: number) => formatDhchapKey(new Uint8Array(32).fill(fill));

let node: AgentNode;
let desk: Desk;

describe("a check of an initiator", () => {
  const connection: Tasks = [{ nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.9" }] } }];
  const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";
  const exporting = (more: object): Tasks => [
    { nvmet_port: { id: 1, address: "10.0.0.9" } },
    {
      nvmet_subsystem: { nqn: "nqn.s", namespaces: [{ nsid: 1, device: "/dev/nvme0n1", uuid }], ports: [1], ...more },
    },
  ];
  const hostnqn = "nqn.2014-08.org.nvmexpress:uuid:0f0f0f0f-1111-4222-8333-444444444444";
  let target: AgentNode;
  beforeEach(() => {
    const timeline = fastTime();
    const fabric = createMemoryFabric(timeline.background);
    node = drivenNode(timeline, { fabric });
    target = drivenNode(timeline, { fabric, addresses: ["10.0.0.9/24"] });
    desk = deskOf(node);
  });

  test("asks a target that is there what it offers to this host, and leaves out of the result what only a connect tells", async () => {
    await target.converge(exporting({ allow_any_host: true }));
    const [answer] = await desk.tasks(connection, { run: "r1" });
    expect(answer).toMatchObject({ outcome: "changed", result: { nqn: "nqn.s", devices: [] } });
    expect(answer?.result).not.toHaveProperty("device");
  });

  test.each<[string, object]>([
    ["does not let this host in", { allowed_hosts: ["nqn.other"] }],
    ["does not have the subsystem", { nqn: "nqn.another", allow_any_host: true }],
  ])("says what the kernel would say where the target %s", async (_, more) => {
    await target.converge(exporting(more));
    const [answer] = await desk.tasks(connection, { run: "r1" });
    expect(answer).toMatchObject({ outcome: "failed", error: { message: expect.stringContaining("EIO") } });
  });

  test("discovers what is there, and what a check would make of it", async () => {
    const discover = (extra: object) =>
      desk.give(
        { do: "action", action: "nvme_discover", arguments: { address: "10.0.0.9", nqn: "nqn.s" } },
        { run: "r1", ...extra },
      );
    await expect(discover({})).resolves.toMatchObject({ outcome: "failed", error: { code: "discovery_failed" } });
    const made = await deskOf(target).tasks(exporting({ allow_any_host: true }), { run: "r1" });
    const assume = made.flatMap((each) => each.listeners ?? []);
    expect(await discover({ assume })).toMatchObject({ outcome: "ok", result: { records: [{}, { nqn: "nqn.s" }] } });
    await target.converge(exporting({ allow_any_host: true }));
    expect(await discover({ run: "r2" })).toMatchObject({ outcome: "ok", result: { records: [{}, { nqn: "nqn.s" }] } });
  });

  test("takes a target as its own check would make it, down to the name of the disk", async () => {
    const listeners = (await deskOf(target).tasks(exporting({ allowed_hosts: [hostnqn] }), { run: "r1" })).flatMap(
      (answer) => answer.listeners ?? [],
    );
    expect(listeners).toMatchObject([{ address: "10.0.0.9", port: 4420, subsystems: [{ nqn: "nqn.s" }] }]);
    const [answer] = await desk.tasks(connection, { run: "r1", assume: listeners });
    expect(answer).toMatchObject({
      outcome: "changed",
      result: { path: "/dev/nvme2n1", uuid, size: 1e9, device: `/dev/disk/by-id/nvme-uuid.${uuid}` },
      connections: [{ address: "10.0.0.9", port: 4420, from: ["10.0.0.1"], nqns: ["nqn.s"] }],
    });
    const strangers = await deskOf(target).tasks(exporting({ allowed_hosts: ["nqn.other"] }), { run: "r2" });
    const assume = strangers.flatMap((each) => each.listeners ?? []);
    const [refused] = await desk.tasks(connection, { run: "r2", assume });
    expect(refused).toMatchObject({ outcome: "failed", error: { message: expect.stringContaining("EIO") } });
  });

  test("adds a path over another address of a target to one that is there", async () => {
    await target.converge(exporting({ allow_any_host: true }));
    await node.converge(connection);
    await target.system.addAddress("10.0.1.9/24");
    const second: Tasks = [
      { nvmet_port: { id: 2, address: "10.0.1.9" } },
      { nvmet_subsystem: { nqn: "nqn.s", ports: [1, 2] } },
    ];
    const made = await deskOf(target).tasks(second, { run: "r1" });
    const assume = made.flatMap(({ listeners = [] }) => listeners).filter(({ address }) => address === "10.0.1.9");
    const paths = [{ address: "10.0.0.9" }, { address: "10.0.1.9" }];
    const [answer] = await desk.tasks([{ nvme_connection: { nqn: "nqn.s", paths } }], { run: "r1", assume });
    expect(answer).toMatchObject({ outcome: "changed", result: { paths: [{ state: "live" }, { state: "live" }] } });
  });

  test.each<[string, string | undefined, string | undefined, string]>([
    ["the same key", "mine@1", key(1), "changed"],
    ["another key", "other", key(1), "failed"],
    ["a key that nobody can compare", "unknown", key(1), "changed"],
    ["a key, and has none to prove", "unknown", undefined, "failed"],
  ])("knows what becomes of a connect where the target asks for %s", async (_, asked, mine, outcome) => {
    const listeners = (await deskOf(target).tasks(exporting({ allowed_hosts: [hostnqn] }), { run: "r1" })).flatMap(
      (answer) => answer.listeners ?? [],
    );
    const assume = listeners.map((listener) => ({
      ...listener,
      subsystems: listener.subsystems.map((each) => ({ ...each, allowedHosts: [{ nqn: hostnqn, key: asked }] })),
    }));
    const secret = mine === undefined ? {} : { dhchap_secret: { secret: "mine", version: "1" } };
    const keyed = connection.map(({ nvme_connection }) => ({ nvme_connection: { ...nvme_connection, ...secret } }));
    const secrets = mine === undefined ? {} : { "mine@1": mine };
    const [answer] = await desk.tasks(keyed, { run: "r1", assume, secrets });
    expect(answer?.outcome).toBe(outcome);
  });
});

describe("a check of a node that is its own initiator", () => {
  test("knows that its sessions end with its connection", async () => {
    node = drivenNode(fastTime());
    desk = deskOf(node);
    const exports = {
      nqn: "nqn.s",
      allow_any_host: true,
      ports: [1],
      namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
    };
    await node.converge([...port, { nvmet_subsystem: exports }]);
    await node.converge([{ nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.1" }] } }]);
    const [disconnect, remove]: Tasks = [
      { nvme_connection: { nqn: "nqn.s", state: "absent" } },
      { nvmet_subsystem: { nqn: "nqn.s", state: "absent" } },
    ];
    if (disconnect === undefined || remove === undefined) throw new Error("no tasks");
    expect(await desk.tasks([remove], { run: "r1" })).toMatchObject([{ error: { code: "device_in_use" } }]);
    const gone = await desk.tasks([disconnect, remove], { run: "r2" });
    expect(gone).toMatchObject([{ outcome: "changed" }, { outcome: "changed" }]);
  });
});

describe("a check of a target", () => {
  const gone: Tasks = [{ nvmet_subsystem: { nqn: "nqn.s", state: "absent" } }];
  const from = ["10.0.0.2"];

  test.each(["tcp", "rdma"])(
    "counts hosts that would be connected over %s by then, and no longer those that would be gone",
    async (transport) => {
      const connected = { address: "10.0.0.1", port: 4420, transport, from, nqns: ["nqn.s"] };
      const timeline = fastTime();
      const fabric = createMemoryFabric(timeline.background);
      node = drivenNode(timeline, { fabric, rdma: true });
      const initiator = drivenNode(timeline, { fabric, rdma: true, addresses: ["10.0.0.2/24"] });
      desk = deskOf(node);
      await node.converge([
        { nvmet_port: { id: 1, address: "10.0.0.1", transport } },
        {
          nvmet_subsystem: {
            nqn: "nqn.s",
            allow_any_host: true,
            ports: [1],
            namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
          },
        },
      ]);
      const id = initiator.store.spec.get().node;
      const [coming] = await desk.tasks(gone, { run: "r1", connections: [{ node: id, ...connected }] });
      expect(coming).toMatchObject({ outcome: "refused", error: { code: "device_in_use" } });
      await initiator.converge([{ nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.1", transport }] } }]);
      const [there] = await desk.tasks(gone, { run: "r2" });
      expect(there).toMatchObject({ outcome: "refused", error: { code: "device_in_use" } });
      const disconnecting: Tasks = [{ nvme_connection: { nqn: "nqn.s", state: "absent" } }];
      const [left] = await deskOf(initiator).tasks(disconnecting, { run: "r3" });
      expect(left?.connections).toMatchObject([{ transport, address: "10.0.0.1", port: 4420, nqns: [] }]);
      const [going] = await desk.tasks(gone, { run: "r3", connections: left?.connections ?? [] });
      expect(going).toMatchObject({ outcome: "changed" });
    },
  );
});
