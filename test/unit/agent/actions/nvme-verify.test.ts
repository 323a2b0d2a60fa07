import { beforeEach, describe, expect, test } from "vitest";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import type { ModelSystem } from "../../../../agent/system/model/model-system.ts";
import type { JsonRecord } from "../../../../shared/protocol/json.ts";
import type { AssumedListener } from "../../../../shared/protocol/listener.ts";
import type { AgentNode } from "../../../support/agent-node.ts";
import { deskOf } from "../../../support/desk.ts";
import { drivenNode, fastTime } from "../../../support/driven-node.ts";
import type { Tasks } from "../../../support/wanted.ts";

const nqn = "nqn.s";
const uuid = "11111111-aaaa-4bbb-8ccc-000000000001";
const other = "11111111-aaaa-4bbb-8ccc-000000000002";
const paths = [{ address: "10.0.0.9" }, { address: "10.0.1.9" }];
const exporting: Tasks = [
  { nvmet_port: { id: 1, address: "10.0.0.9" } },
  { nvmet_port: { id: 2, address: "10.0.1.9" } },
  {
    nvmet_subsystem: {
      nqn,
      allow_any_host: true,
      namespaces: [{ nsid: 1, device: "/dev/nvme0n1", uuid }],
      ports: [1, 2],
    },
  },
];
const connecting: Tasks = [{ nvme_connection: { nqn, paths } }];
const nvmet = "/sys/kernel/config/nvmet";

let initiator: AgentNode;
let target: AgentNode;
beforeEach(async () => {
  const timeline = fastTime();
  const fabric = createMemoryFabric(timeline.background);
  initiator = drivenNode(timeline, { fabric, drives: [], addresses: ["10.0.0.1/24", "10.0.1.1/24"] });
  target = drivenNode(timeline, { fabric, addresses: ["10.0.0.9/24", "10.0.1.9/24"] });
});

async function connected() {
  await target.converge(exporting);
  await initiator.converge(connecting);
}

interface Extra {
  run?: string;
  assume?: readonly AssumedListener[];
}

function verify(args: JsonRecord, extra: Extra = {}) {
  const body = { do: "action", action: "nvme_verify", arguments: { nqn, uuid, ...args } } as const;
  return deskOf(initiator).give(body, extra);
}

const refusal = (args: JsonRecord, extra?: Extra) =>
  verify(args, extra).then(
    () => undefined,
    (error: unknown) => Object(error),
  );

const write = (system: ModelSystem, path: string, value: string) =>
  system.do({ op: "write", path: `${nvmet}/${path}`, value }, 60_000);

describe("nvme_verify", () => {
  test("reads from the disk, and says where it is and over which paths", async () => {
    await connected();
    const [disk = ""] = (await initiator.system.list("/dev")).filter((name) => /^nvme\d+n1$/.test(name));
    const way = { transport: "tcp", service_id: "4420", state: "live", ana_state: "optimized" };
    expect(await verify({ size: 1e9, paths })).toEqual({
      outcome: "ok",
      result: {
        nqn,
        uuid,
        device: `/dev/disk/by-id/nvme-uuid.${uuid}`,
        path: `/dev/${disk}`,
        size: 1e9,
        paths: [
          { ...way, controller: "nvme0", address: "10.0.0.9" },
          { ...way, controller: "nvme1", address: "10.0.1.9" },
        ],
        read_bytes: 4096,
      },
    });
    expect(await verify({ uuid: uuid.toUpperCase() })).toMatchObject({ outcome: "ok" });
  });

  test("waits for what is not there yet", async () => {
    await target.converge(exporting);
    const verified = verify({ paths });
    await initiator.converge(connecting);
    expect(await verified).toMatchObject({ outcome: "ok", result: { read_bytes: 4096 } });
  });

  test("says that the node is not connected, once its time is over", async () => {
    const { clock } = initiator.shop;
    const began = clock.now();
    expect(await refusal({ timeout: 3 })).toMatchObject({
      code: "not_converging",
      message: "cannot verify nqn.s: this node is not connected to it",
    });
    expect(clock.now() - began).toBeGreaterThan(2000);
    expect(clock.now() - began).toBeLessThanOrEqual(3000);
  });

  test.each<[string, JsonRecord, string, string]>([
    [
      "paths that are not there",
      { paths: [...paths, { address: "10.0.2.9" }, { address: "10.0.0.9", service_id: 4421 }] },
      "not_converging",
      "it has no path over tcp 10.0.2.9:4420; it has no path over tcp 10.0.0.9:4421",
    ],
    [
      "another uuid",
      { uuid: other },
      "device_absent",
      `it has no disk with uuid ${other}; it has /dev/nvme0n1 (uuid ${uuid})`,
    ],
    ["another size", { size: 2e9 }, "device_changed", "its disk /dev/nvme0n1 has 1000000000 bytes, not 2000000000"],
  ])("says what differs: %s", async (_, args, code, says) => {
    await connected();
    expect(await refusal(args)).toMatchObject({ code, message: `cannot verify nqn.s: ${says}` });
  });

  test("names the path that is not live, and is content with the others where it is not asked for", async () => {
    await connected();
    const [link = ""] = await target.system.list(`${nvmet}/ports/2/subsystems`);
    await target.system.do({ op: "unlink", path: `${nvmet}/ports/2/subsystems/${link}` }, 60_000);
    const [, second] = await initiator.system.list("/sys/class/nvme");
    const state = () => initiator.system.read(`/sys/class/nvme/${second}/state`);
    await expect.poll(async () => String(await state()).trim()).toBe("connecting");
    expect(await refusal({ paths })).toMatchObject({
      code: "not_converging",
      message: "cannot verify nqn.s: its path over tcp 10.0.1.9:4420 is connecting",
    });
    expect(await verify({ paths: paths.slice(0, 1) })).toMatchObject({ outcome: "ok" });
    expect(await verify({})).toMatchObject({
      outcome: "ok",
      result: { paths: [{ state: "live" }, { state: "connecting" }] },
    });
  });

  test("gives up on a read that no path takes, and leaves the program behind", async () => {
    await connected();
    for (const port of [1, 2]) await write(target.system, `ports/${port}/ana_groups/1/ana_state`, "inaccessible");
    const ways = "tcp 10.0.0.9:4420 live (inaccessible), tcp 10.0.1.9:4420 live (inaccessible)";
    expect(await refusal({ paths, timeout: 4 })).toMatchObject({
      code: "deadline",
      message: `cannot verify nqn.s: 4096 bytes of /dev/nvme0n1 were not read within 4 s; its paths: ${ways}`,
    });
    await write(target.system, "ports/2/ana_groups/1/ana_state", "optimized");
    expect(await verify({ paths })).toMatchObject({ outcome: "ok" });
  });

  test("says what the kernel says of a read that fails", async () => {
    await connected();
    const system = initiator.shop.system;
    system.exec = (_, deadline) => initiator.system.exec({ argv: ["cat", "/dev/nothing"] }, deadline);
    expect(await refusal({})).toMatchObject({
      code: "kernel_refused",
      message: expect.stringMatching(/^cannot verify nqn.s: \/dev\/nvme0n1 cannot be read: cat: .*; its paths: tcp 10/),
    });
  });
});

describe("nvme_verify in a check", () => {
  test("verifies all but the read, on what the checks of both ends would make", async () => {
    const made = await deskOf(target).tasks(exporting, { run: "r1" });
    const assume = made.flatMap(({ listeners = [] }) => listeners);
    const desk = deskOf(initiator);
    const give = (args: JsonRecord) => {
      const all = { nqn, uuid, paths, ...args };
      return desk.give({ do: "action", action: "nvme_verify", arguments: all }, { run: "r1" });
    };
    await desk.tasks(connecting, { run: "r1", assume });
    const answer = await give({ size: 1e9 });
    expect(answer).toMatchObject({
      outcome: "ok",
      result: { size: 1e9, paths: [{ state: "live" }, { state: "live" }] },
    });
    expect(answer.result).not.toHaveProperty("read_bytes");
    await expect(give({ size: 5 })).resolves.toMatchObject({ error: { code: "device_changed" } });
    expect(await initiator.system.list("/sys/class/nvme")).toEqual([]);
  });

  test("does not know the disks of a target that is only asked what it offers", async () => {
    await target.converge(exporting);
    const desk = deskOf(initiator);
    await desk.tasks(connecting, { run: "r1" });
    const body = { do: "action", action: "nvme_verify", arguments: { nqn, uuid, paths } } as const;
    const answer = await desk.give(body, { run: "r1" });
    expect(answer).toMatchObject({ outcome: "ok", result: { msg: expect.stringContaining("once it is connected") } });
    expect(answer.result).not.toHaveProperty("path");
  });
});
