import { describe, expect, test } from "vitest";
import { restore } from "../../../agent/restore.ts";
import { systemClock } from "../../../shared/clock.ts";
import { type AgentNode, agentNode, agentOn, modelNode } from "../../support/agent-node.ts";
import { renderTree } from "../../support/render-tree.ts";
import type { Tasks } from "../../support/wanted.ts";

const exported = (nqn: string, device: string, port: number): Tasks => [
  { nvmet_port: { id: port, address: "10.0.0.1", service_id: 4420 + port } },
  { nvmet_subsystem: { nqn, allowed_hosts: ["nqn.h"], namespaces: [{ nsid: 1, device }], ports: [port] } },
];
const both = [...exported("nqn.a", "/dev/nvme0n1", 1), ...exported("nqn.b", "/dev/nvme1n1", 2)];
const nvmet = "/sys/kernel/config/nvmet";

const run = ({ shop, store }: AgentNode) => restore(shop, store, systemClock);

/** The same disk, another boot; of the drives only those named, in this order. */
async function reboot(node: AgentNode, ...serials: string[]): Promise<AgentNode> {
  const sizes: Record<string, number> = { A: 1e9, B: 2e9 };
  const drives = serials.map((serial) => ({ serial, model: "QEMU NVMe Ctrl", size: sizes[serial] ?? 3e9 }));
  return agentOn(modelNode({ drives }), { store: node.store });
}

describe("after a reboot, without a controller", () => {
  test("everything comes back as it was, uuids and serials included, and nothing is done twice", async () => {
    const before = agentNode();
    await before.converge(both);
    const node = await reboot(before, "A", "B");
    expect(await run(node)).toEqual({ changed: true, conditions: [] });
    expect(await renderTree(node.system)).toEqual(await renderTree(before.system));
    expect(await run(node)).toEqual({ changed: false, conditions: [] });
  });

  test("drives that have swapped their names are exported under the subsystems they belong to", async () => {
    const before = agentNode();
    await before.converge(both);
    const node = await reboot(before, "B", "A");
    expect(await run(node)).toEqual({ changed: true, conditions: [] });
    const deviceOf = (nqn: string) => node.system.read(`${nvmet}/subsystems/${nqn}/namespaces/1/device_path`);
    expect([await deviceOf("nqn.a"), await deviceOf("nqn.b")]).toEqual(["/dev/nvme1n1\n", "/dev/nvme0n1\n"]);
  });

  test("a stranger in the place of a drive is not exported, and does not hold up the others", async () => {
    const before = agentNode();
    await before.converge(both);
    const node = await reboot(before, "X", "B");
    const { changed, conditions } = await run(node);
    expect(changed).toBe(true);
    expect(conditions).toMatchObject([{ code: "device_changed", resource: "nvmet_subsystem nqn.a" }]);
    expect(await node.system.list(`${nvmet}/ports/2/subsystems`)).toEqual(["nqn.b"]);
    expect(await node.system.list(`${nvmet}/subsystems`)).not.toContain("nqn.a");
  });

  test("a drive that comes late is exported when it is there", async () => {
    const before = agentNode();
    await before.converge(exported("nqn.a", "/dev/nvme0n1", 1));
    const node = await reboot(before);
    expect((await run(node)).conditions).toMatchObject([{ code: "device_absent" }]);
    node.system.plugDrive({ serial: "A", model: "QEMU NVMe Ctrl", size: 1e9 });
    expect(await run(node)).toEqual({ changed: true, conditions: [] });
    expect(await node.system.read(`${nvmet}/subsystems/nqn.a/namespaces/1/enable`)).toBe("1\n");
  });
});

describe("after a drift", () => {
  test("what was taken away comes back, and what would cost anybody anything is only said", async () => {
    const node = agentNode();
    await node.converge(both);
    await node.system.do({ op: "unlink", path: `${nvmet}/ports/1/subsystems/nqn.a` }, Number.MAX_SAFE_INTEGER);
    expect(await run(node)).toEqual({ changed: true, conditions: [] });
    expect(await node.system.list(`${nvmet}/ports/1/subsystems`)).toEqual(["nqn.a"]);
  });

  test("a tombstone is never acted upon by itself", async () => {
    const node = agentNode();
    await node.converge(both);
    const spec = node.store.spec.get();
    const entries = Object.fromEntries(
      Object.entries(spec.entries).map(([key, entry]) => [key, { ...entry, state: "absent" as const }]),
    );
    await node.store.spec.set({ ...spec, entries });
    const before = await renderTree(node.system);
    expect(await run(node)).toEqual({ changed: false, conditions: [] });
    expect(await renderTree(node.system)).toEqual(before);
  });
});
