import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { intercept } from "../../../../agent/system/intercept.ts";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import type { ModelSystem } from "../../../../agent/system/model/model-system.ts";
import { type AgentNode, agentNode } from "../../../support/agent-node.ts";
import { renderTree } from "../../../support/render-tree.ts";
import type { Tasks } from "../../../support/wanted.ts";

const nqn = "nvmet-test";
const hostnqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555";
const hostid = "11111111-2222-4333-8444-555555555555";
const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";

const exporting: Tasks = [
  { nvmet_port: { id: 1, address: "10.0.0.1" } },
  {
    nvmet_subsystem: {
      nqn,
      allowed_hosts: [hostnqn],
      namespaces: [{ nsid: 1, device: "/dev/nvme0n1", uuid }],
      ports: [1],
    },
  },
];
const connecting: Tasks = [{ nvme_connection: { nqn, paths: [{ address: "10.0.0.1" }] } }];
const gone = { state: "absent" };
const nvmet = "/sys/kernel/config/nvmet";
const absent = (tasks: Tasks): Tasks =>
  tasks.map((task) =>
    Object.fromEntries(Object.entries(task).map(([kind, written]) => [kind, { ...written, ...gone }])),
  );

let target: AgentNode;
let initiator: AgentNode;

function pair(): void {
  const fabric = createMemoryFabric();
  target = agentNode({ fabric });
  initiator = agentNode({
    fabric,
    hostname: "db01",
    addresses: ["10.0.0.2/24"],
    drives: [],
    files: { "/etc/nvme/hostnqn": `${hostnqn}\n`, "/etc/nvme/hostid": `${hostid}\n` },
  });
}

beforeEach(pair);
afterEach(async () => {
  await initiator.system.stop();
  await target.system.stop();
});

describe("the walkthrough on two model nodes", () => {
  test("exports, connects, changes nothing the second time, disconnects, removes, and leaves the trees as they were", async () => {
    await target.converge([{ kernel_module: { name: ["nvmet", "nvmet-tcp"] } }, { nvmet_subsystem: { nqn: "x" } }]);
    await target.converge([{ nvmet_subsystem: { nqn: "x", ...gone } }]);
    await initiator.converge([{ kernel_module: { name: "nvme-tcp" } }]);
    const before = [await renderTree(target.system), await renderTree(initiator.system)];

    const exported = await target.converge(exporting);
    expect(exported.error).toBeUndefined();
    expect(exported.steps.map(({ phase, says }) => `${phase}: ${says}`)).toEqual([
      `create subsystem: create subsystem ${nqn}`,
      `create subsystem: set attr_serial to 8a419a2b7fee9e47 of subsystem ${nqn}`,
      `create host: create host ${hostnqn}`,
      `allow host: allow host ${hostnqn} into ${nqn}`,
      `create namespace: create namespace 1 of ${nqn}`,
      `create namespace: set device_path to /dev/nvme0n1, device_uuid to ${uuid} of namespace 1 of ${nqn}`,
      `enable namespace: enable namespace 1 of ${nqn} on /dev/nvme0n1`,
      "create port: create port 1",
      "create port: set addr_trtype to tcp, addr_adrfam to ipv4, addr_traddr to 10.0.0.1, addr_trsvcid to 4420 of port 1",
      `link: link ${nqn} into port 1 (tcp 10.0.0.1:4420)`,
    ]);

    const connected = await initiator.converge(connecting);
    expect(connected).toMatchObject({
      outcome: "changed",
      steps: [{ phase: "connect", says: `connect ${nqn} over tcp 10.0.0.1:4420`, cost: "none" }],
      result: {
        nqn,
        nsid: 1,
        device: `/dev/disk/by-id/nvme-uuid.${uuid}`,
        size: 1e9,
        paths: [{ transport: "tcp", address: "10.0.0.1", service_id: "4420", state: "live" }],
      },
    });

    const during = [await renderTree(target.system), await renderTree(initiator.system)];
    for (const [node, tasks] of [
      [target, exporting],
      [initiator, connecting],
    ] as const) {
      expect(await node.converge(tasks)).toMatchObject({ outcome: "ok", steps: [] });
    }
    expect([await renderTree(target.system), await renderTree(initiator.system)]).toEqual(during);

    expect(await initiator.converge(absent(connecting))).toMatchObject({
      outcome: "changed",
      steps: [{ phase: "disconnect" }],
    });
    const removed = await target.converge(absent(exporting));
    expect(removed.error).toBeUndefined();
    expect(removed.steps.map(({ phase }) => phase)).toEqual([
      "unlink",
      "disable namespace",
      "remove namespace",
      "revoke host",
      "remove subsystem",
      "remove port",
      "remove host",
    ]);
    expect([await renderTree(target.system), await renderTree(initiator.system)]).toEqual(before);
    expect(target.store.owned.get().filter((key) => !key.startsWith("module "))).toEqual([]);
    expect(initiator.store.owned.get().filter((key) => !key.startsWith("module "))).toEqual([]);
  });

  test("adopts nothing by itself: what was connected by hand stays when the connection is absent", async () => {
    await target.converge(exporting);
    await initiator.converge([{ kernel_module: { name: "nvme-tcp" } }]);
    const options = { transport: "tcp", traddr: "10.0.0.1", trsvcid: "4420", nqn, hostnqn, hostid };
    await initiator.system.do({ op: "connect", options }, Number.MAX_SAFE_INTEGER);
    expect(await initiator.converge(connecting)).toMatchObject({ outcome: "ok", steps: [] });
    expect(await initiator.converge(absent(connecting))).toMatchObject({
      outcome: "refused",
      error: { code: "not_ours", message: expect.stringContaining("flashfleet did not create it") },
    });
  });
});

describe("what is in use", () => {
  test.each<[string, (system: ModelSystem) => void, string]>([
    ["mounted", (system) => system.mountDrive("nvme0n1", "/data"), "/dev/nvme0n1 mounted at /data"],
    ["held", (system) => system.hold("nvme0n1", "dm-0"), "/dev/nvme0n1 held by dm-0"],
    ["swap", (system) => system.swapOn("nvme0n1"), "/dev/nvme0n1 used for swap"],
    [
      "open",
      (system) => system.openByProcess("nvme0n1", 812, "postgres"),
      "/dev/nvme0n1 open in process 812 (postgres)",
    ],
  ])(
    "a drive that is %s is not exported, whoever holds it is named, and the override lets it pass",
    async (_, use, says) => {
      use(target.system);
      const refused = await target.converge(exporting);
      expect(refused.error).toMatchObject({
        code: "device_in_use",
        message: `cannot enable namespace 1 of ${nqn} on /dev/nvme0n1: /dev/nvme0n1 is in use: ${says}`,
      });
      expect(await target.system.read(`${nvmet}/subsystems/${nqn}/namespaces/1/enable`)).toBe("0\n");
      expect(await target.converge(exporting, { overrides: new Set(["/dev/nvme0n1"]) })).toMatchObject({
        outcome: "changed",
      });
    },
  );

  test("a drive that another subsystem exports is not exported again", async () => {
    await target.converge(exporting);
    const second = await target.converge([
      { nvmet_subsystem: { nqn: "two", namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }] } },
    ]);
    expect(second.error).toMatchObject({
      code: "device_in_use",
      message: expect.stringContaining(`namespace 1 of subsystem ${nqn}`),
    });
  });

  test("a connected disk that is mounted is not disconnected", async () => {
    await target.converge(exporting);
    await initiator.converge(connecting);
    const [disk = ""] = (await initiator.system.list("/sys/block")).filter((name) => /^nvme\d+n\d+$/.test(name));
    initiator.system.mountDrive(disk, "/mnt/data");
    const trees = [await renderTree(target.system), await renderTree(initiator.system)];
    expect(await initiator.converge(absent(connecting))).toMatchObject({
      outcome: "refused",
      steps: [],
      error: { code: "device_in_use", message: expect.stringContaining(`/dev/${disk} mounted at /mnt/data`) },
    });
    expect([await renderTree(target.system), await renderTree(initiator.system)]).toEqual(trees);
  });

  test("the initiator's transport is not unloaded while controllers use it: the kernel would delete them", async () => {
    await target.converge(exporting);
    const transport: Tasks = [{ kernel_module: { name: "nvme-tcp" } }];
    await initiator.converge(transport);
    await initiator.converge(connecting);
    const trees = [await renderTree(target.system), await renderTree(initiator.system)];
    expect(await initiator.converge(absent(transport))).toMatchObject({
      outcome: "refused",
      steps: [],
      error: { code: "device_in_use", message: expect.stringContaining(`nvme0 (${nqn})`) },
    });
    expect([await renderTree(target.system), await renderTree(initiator.system)]).toEqual(trees);
    await initiator.converge(absent(connecting));
    expect(await initiator.converge(absent(transport))).toMatchObject({
      outcome: "changed",
      steps: [{ says: "unload kernel module nvme_tcp" }],
    });
  });

  test("a target is not taken from under the hosts that are connected to it, unless the override names its address", async () => {
    // 10.0.0.2:40000 on 10.0.0.1:4420, established, as /proc/net/tcp of the target shows it.
    const session = "   9: 0100000A:1144 0200000A:9C40 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0";
    const connected = agentNode({
      through: (system) =>
        intercept(system, {
          read: async (path) => `${await system.read(path)}${path === "/proc/net/tcp" ? `${session}\n` : ""}`,
        }),
    });
    await connected.converge(exporting);
    const before = await renderTree(connected.system);
    expect(await connected.converge(absent(exporting))).toMatchObject({
      outcome: "refused",
      steps: [],
      error: {
        code: "device_in_use",
        message: expect.stringContaining("hosts are connected to 10.0.0.1:4420: 10.0.0.2"),
      },
    });
    expect(await renderTree(connected.system)).toEqual(before);
    const overrides = new Set(["10.0.0.1:4420"]);
    expect(await connected.converge(absent(exporting), { overrides })).toMatchObject({ outcome: "changed" });
  });
});
