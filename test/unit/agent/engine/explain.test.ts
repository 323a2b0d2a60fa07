import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryFabric } from "../../../../agent/system/model/fabric/memory-fabric.ts";
import { formatDhchapKey } from "../../../../shared/nvme/dhchap.ts";
import { type AgentNode, agentNode } from "../../../support/agent-node.ts";
import type { Tasks } from "../../../support/wanted.ts";

const nqn = "nqn.s";
const hostnqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555";
const key = (version: string) => ({ secret: "key", version });
const connect = (more: object = {}): Tasks => [{ nvme_connection: { nqn, paths: [{ address: "10.0.0.1" }], ...more } }];
const exporting = (more: object = {}): Tasks => [
  { nvmet_port: { id: 1, address: "10.0.0.1" } },
  {
    nvmet_subsystem: {
      nqn,
      allowed_hosts: [hostnqn],
      namespaces: [{ nsid: 1, device: "/dev/nvme0n1" }],
      ports: [1],
      ...more,
    },
  },
];

const fabric = createMemoryFabric();
const nodes: AgentNode[] = [];
let target: AgentNode;
let initiator: AgentNode;

async function start(setup: Parameters<typeof agentNode>[0]): Promise<AgentNode> {
  const node = agentNode({ fabric, ...setup });
  nodes.push(node);
  const secret = (fill: number) => formatDhchapKey(new Uint8Array(32).fill(fill));
  await node.store.secrets.set({ "key@1": secret(1), "key@2": secret(2) });
  return node;
}

beforeEach(async () => {
  target = await start({});
  initiator = await start({ addresses: ["10.0.0.2/24"], drives: [], files: { "/etc/nvme/hostnqn": `${hostnqn}\n` } });
});
afterEach(async () => {
  for (const node of nodes.splice(0).reverse()) await node.system.stop();
});

describe("what the kernel refuses is said so that people can act on it", () => {
  test.each<[string, Tasks, Tasks, string, string]>([
    [
      "a host that is not allowed",
      exporting({ allowed_hosts: ["nqn.other"] }),
      connect(),
      "EIO",
      "this host is not allowed",
    ],
    [
      "a host without the key that the target asks for",
      [{ nvmet_host: { nqn: hostnqn, dhchap_key: key("1") } }, ...exporting()],
      connect(),
      "ENOKEY",
      "give dhchap_secret",
    ],
    [
      "a host with another key",
      [{ nvmet_host: { nqn: hostnqn, dhchap_key: key("1") } }, ...exporting()],
      connect({ dhchap_secret: key("2") }),
      "EKEYREJECTED",
      "is not the one the other has",
    ],
  ])("connecting: %s", async (_, exported, connection, errno, hint) => {
    expect((await target.converge(exported)).error).toBeUndefined();
    const { outcome, error } = await initiator.converge(connection);
    expect({ outcome, error }).toMatchObject({
      outcome: "failed",
      error: {
        code: "kernel_refused",
        message: `cannot connect ${nqn} over tcp 10.0.0.1:4420: ${errno}`,
        hint: expect.stringContaining(hint),
      },
    });
    expect(initiator.store.owned.get()).not.toContain(`path ${nqn} tcp 10.0.0.1:4420`);
  });

  test("connecting: what the kernel logged is the cause", async () => {
    await target.converge(exporting({ allowed_hosts: ["nqn.other"] }));
    expect((await initiator.converge(connect())).error?.cause?.message).toContain(
      `; the kernel logged: nvme nvme0: Connect for subsystem ${nqn} is not allowed, hostnqn: ${hostnqn}`,
    );
  });

  test("connecting: a target that does not listen is found out without waiting for the kernel", async () => {
    expect((await initiator.converge(connect())).error).toMatchObject({
      message: `cannot connect ${nqn} over tcp 10.0.0.1:4420: nothing answers at 10.0.0.1:4420`,
      hint: expect.stringContaining("is a subsystem linked into its port?"),
    });
  });

  test("exporting: a drive that is read-only", async () => {
    const node = await start({ drives: [{ serial: "A", model: "M", size: 1e9, readOnly: true }] });
    expect((await node.converge(exporting())).error).toMatchObject({
      message: `cannot enable namespace 1 of ${nqn} on /dev/nvme0n1: EACCES`,
      hint: "the device is read-only",
    });
  });

  test("exporting: a kernel without the transport", async () => {
    const node = await start({ modulesMissing: ["nvmet_tcp"] });
    expect((await node.converge(exporting())).error).toMatchObject({
      message: `cannot link ${nqn} into port 1 (tcp 10.0.0.1:4420): EINVAL`,
      hint: expect.stringContaining("the transport's module is missing"),
    });
  });

  test("exporting over RDMA: a node without an RDMA device", async () => {
    const rdma: Tasks = [
      { nvmet_port: { id: 1, address: "10.0.0.1", transport: "rdma" } },
      { nvmet_subsystem: { nqn, ports: [1] } },
    ];
    expect((await target.converge(rdma)).error).toMatchObject({
      message: `cannot link ${nqn} into port 1 (rdma 10.0.0.1:4420): ENODEV`,
      hint: expect.stringContaining("no RDMA device carries the port's address"),
    });
  });

  test("keys: a kernel without in-band authentication", async () => {
    const node = await start({ kernel: "6.1" });
    const { error, outcome } = await node.converge([{ nvmet_host: { nqn: hostnqn, dhchap_key: key("1") } }]);
    expect({ outcome, error }).toMatchObject({
      outcome: "failed",
      error: { code: "kernel_lacks", hint: expect.stringContaining("CONFIG_NVME_TARGET_AUTH") },
    });
  });

  test("exporting: a serial that a host has seen", async () => {
    await target.converge(exporting());
    await initiator.converge(connect());
    expect((await target.converge(exporting({ serial: "NEW" }))).error).toMatchObject({
      message: expect.stringMatching(/^cannot set attr_serial to NEW .*: EINVAL$/),
      hint: expect.stringContaining("fixed since the first host identified the subsystem"),
    });
  });
});

test("a key that is rotated at both ends keeps the connection, and the next authentication uses it", async () => {
  const host = (version: string): Tasks => [{ nvmet_host: { nqn: hostnqn, dhchap_key: key(version) } }];
  await target.converge([...host("1"), ...exporting()]);
  expect(await initiator.converge(connect({ dhchap_secret: key("1") }))).toMatchObject({ outcome: "changed" });
  expect(await target.converge(host("2"))).toMatchObject({ outcome: "changed" });
  const rotated = await initiator.converge(connect({ dhchap_secret: key("2") }));
  expect(rotated).toMatchObject({ outcome: "changed", steps: [{ phase: "tune" }] });
  expect(JSON.stringify(rotated)).not.toContain("DHHC");
  expect(await initiator.converge(connect({ dhchap_secret: key("2") }))).toMatchObject({ outcome: "ok", steps: [] });
});
