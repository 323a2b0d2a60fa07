import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gatherFacts } from "../../../../agent/observe/facts.ts";
import { observe } from "../../../../agent/observe/observe.ts";
import { deviceUse } from "../../../../agent/observe/use.ts";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { createModelNode, type ModelSystem } from "../../../../agent/system/model/model-system.ts";
import type { Op, System } from "../../../../agent/system/system.ts";
import { deadlineIn, systemClock } from "../../../../shared/clock.ts";
import { Facts } from "../../../../shared/protocol/facts.ts";

const nvmet = "/sys/kernel/config/nvmet";
const nqn = "nqn.2024-01.io.x:a";
const hostnqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
const hostid = "11111111-2222-3333-4444-555555555555";
const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";
const size = 64 * 1024 * 1024;
const subsystem = `${nvmet}/subsystems/${nqn}`;
const write = (path: string, value: string): Op => ({ op: "write", path, value });
const load = (name: string): Op => ({ op: "modprobe", name, parameters: {} });

const exporting: Op[] = [
  load("nvmet"),
  load("nvmet_tcp"),
  { op: "mountConfigfs" },
  { op: "mkdir", path: subsystem },
  { op: "mkdir", path: `${nvmet}/hosts/${hostnqn}` },
  { op: "symlink", path: `${subsystem}/allowed_hosts/h`, to: `${nvmet}/hosts/${hostnqn}` },
  { op: "mkdir", path: `${subsystem}/namespaces/1` },
  write(`${subsystem}/namespaces/1/device_path`, "/dev/nvme0n1"),
  write(`${subsystem}/namespaces/1/device_uuid`, uuid),
  write(`${subsystem}/namespaces/1/enable`, "1"),
  { op: "mkdir", path: `${nvmet}/ports/1` },
  write(`${nvmet}/ports/1/addr_trtype`, "tcp"),
  write(`${nvmet}/ports/1/addr_adrfam`, "ipv4"),
  write(`${nvmet}/ports/1/addr_traddr`, "10.0.0.1"),
  write(`${nvmet}/ports/1/addr_trsvcid`, "4420"),
  { op: "symlink", path: `${nvmet}/ports/1/subsystems/s`, to: subsystem },
];

let target: ModelSystem;
let initiator: ModelSystem;
beforeEach(() => {
  const fabric = createMemoryFabric();
  const common = { fabric, clock: systemClock, random: (count: number) => new Uint8Array(randomBytes(count)) };
  target = createModelNode({
    ...common,
    hostname: "flash01",
    addresses: ["10.0.0.1/24"],
    drives: [{ serial: "VB1234", model: "QEMU NVMe Ctrl", size }],
  });
  initiator = createModelNode({ ...common, hostname: "db01", addresses: ["10.0.0.2/24"], drives: [] });
});
afterEach(async () => {
  await initiator.stop();
  await target.stop();
});

async function run(system: System, ops: readonly Op[]): Promise<void> {
  for (const op of ops) await system.do(op, deadlineIn(systemClock, 5000));
}

describe("a node of the model kernel", () => {
  test("begins with nothing loaded, and a free drive", async () => {
    const seen = await observe(target, ["kernel", "drives", "nvmet", "fabrics"]);
    expect(seen.kernel).toMatchObject({ configfsMounted: false });
    expect(seen.kernel.modules.has("nvmet")).toBe(false);
    expect(seen.kernel.available.has("nvmet_tcp")).toBe(true);
    expect(seen.nvmet.present).toBe(false);
    expect(seen.fabrics).toMatchObject({ present: false, subsystems: [] });
    expect(seen.drives).toMatchObject([{ name: "nvme0n1", serial: "VB1234", model: "QEMU NVMe Ctrl", size }]);
    expect(await deviceUse(target, "/dev/nvme0n1")).toEqual([]);
  });

  test("shows what it exports, that it listens, and why the drive is taken", async () => {
    await run(target, exporting);
    const seen = await observe(target, ["kernel", "nvmet", "listeners"]);
    expect(seen.kernel.modules.has("nvmet_tcp")).toBe(true);
    expect(seen.kernel.configfsMounted).toBe(true);
    expect(seen.nvmet).toMatchObject({
      present: true,
      hosts: [{ nqn: hostnqn }],
      subsystems: [
        {
          nqn,
          allowedHosts: [{ link: "h", nqn: hostnqn }],
          namespaces: [{ nsid: 1, attributes: { device_path: "/dev/nvme0n1", device_uuid: uuid, enable: "1" } }],
        },
      ],
      ports: [
        {
          id: 1,
          attributes: { addr_traddr: "10.0.0.1" },
          links: [{ link: "s", nqn }],
          anaGroups: [{ id: 1, state: "optimized" }],
        },
      ],
    });
    expect(seen.listeners).toContainEqual({ address: "10.0.0.1", port: 4420 });
    expect(await deviceUse(target, "/dev/nvme0n1")).toMatchObject([
      { by: "namespace", namespace: { nqn, nsid: 1, enabled: true } },
    ]);
    expect(await deviceUse(target, "/dev/nvme0n1", { except: { nqn, nsid: 1 } })).toEqual([]);
  });

  test("shows the disk at the other end, which is no local drive", async () => {
    await run(target, exporting);
    const options = { transport: "tcp", traddr: "10.0.0.1", trsvcid: "4420", nqn, hostnqn, hostid };
    await run(initiator, [load("nvme_tcp"), { op: "connect", options }]);
    await expect
      .poll(async () => (await observe(initiator, ["fabrics"])).fabrics.subsystems)
      .toMatchObject([
        {
          nqn,
          controllers: [{ state: "live", transport: "tcp", address: "10.0.0.1", serviceId: "4420", hostnqn, hostid }],
          namespaces: [{ nsid: 1, uuid, size, paths: [{ anaState: "optimized", anaGroup: "1" }] }],
        },
      ]);
    expect((await observe(initiator, ["drives"])).drives).toEqual([]);
  });

  test.each<[string, (system: ModelSystem) => void, string]>([
    ["a mount", (system) => system.mountDrive("nvme0n1", "/data"), "mounted at /data"],
    ["a holder", (system) => system.hold("nvme0n1", "dm-0"), "held by dm-0"],
    ["swap", (system) => system.swapOn("nvme0n1"), "used for swap"],
    ["a process", (system) => system.openByProcess("nvme0n1", 812, "postgres"), "open in process 812 (postgres)"],
  ])("says of a drive that %s has it", async (_case, use, says) => {
    use(target);
    expect((await deviceUse(target, "/dev/nvme0n1")).map((each) => each.says)).toEqual([says]);
  });

  test("gives facts", async () => {
    const facts = await gatherFacts(target, systemClock);
    expect(Facts.parse(facts)).toEqual(facts);
    expect(facts).toMatchObject({
      hostname: "flash01",
      address: "10.0.0.1",
      drives: [{ path: "/dev/nvme0n1", uses: [] }],
    });
  });
});
