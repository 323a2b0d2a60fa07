import { describe, expect, it } from "vitest";
import type { Op, Output } from "../../../../../agent/system/system.ts";
import { errnoOf, never, node, targetNode } from "./lab.ts";

describe("a model node", () => {
  it("begins with nothing loaded and nothing mounted", async () => {
    const system = node("n", "10.0.0.1/24");
    expect(await errnoOf(system.list("/sys/kernel/config"))).toBe("ENOENT");
    expect(await errnoOf(system.do({ op: "mountConfigfs" }, never))).toBe("ENOENT");
    expect(await errnoOf(system.stat("/dev/nvme-fabrics"))).toBe("ENOENT");
    await system.do({ op: "modprobe", name: "nvme-tcp", parameters: {} }, never);
    expect(await system.stat("/dev/nvme-fabrics")).toMatchObject({ kind: "char", size: 0 });
    expect(await system.list("/sys/module")).toEqual([
      "nvme",
      "nvme_auth",
      "nvme_core",
      "nvme_fabrics",
      "nvme_keyring",
      "nvme_tcp",
    ]);
    expect(await system.read("/sys/module/nvme_core/parameters/multipath")).toBe("Y\n");
    expect(await system.read("/proc/sys/kernel/osrelease")).toBe("6.12.107+deb13-amd64\n");
  });

  it("shows its local drives as PCI controllers", async () => {
    const system = node("n", "10.0.0.1/24");
    expect(await system.list("/sys/block")).toEqual(["nvme0n1", "nvme1n1"]);
    expect(await system.realpath("/sys/block/nvme1n1")).toBe("/sys/devices/pci0000:00/0000:00:05.0/nvme/nvme1/nvme1n1");
    expect(await system.read("/sys/class/nvme/nvme0/transport")).toBe("pcie\n");
    expect(await system.read("/sys/block/nvme0n1/device/serial")).toBe("n-A                 \n");
    expect(await system.realpath("/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_n-A")).toBe("/dev/nvme0n1");
    expect((await system.stat("/dev/nvme0n1")).kind).toBe("block");
  });

  const ops: [says: string, op: Op, errno: string][] = [
    ["a module that is missing", { op: "modprobe", name: "nvmet-tcp", parameters: {} }, "ENOENT"],
    ["a connect without the module", { op: "connect", options: {} }, "ENOENT"],
    [
      "a file in a missing directory, which is made",
      { op: "replace", path: "/etc/nvme/hostnqn", content: "x", mode: 0o644 },
      "ok",
    ],
    ["a file", { op: "replace", path: "/etc/x", content: "x", mode: 0o644 }, "ok"],
    ["a directory that is there", { op: "mkdir", path: "/etc" }, "EEXIST"],
  ];

  it.each(ops)("answers %s", async (_, op, errno) => {
    const system = await targetNode({ modulesMissing: ["nvmet-tcp"] });
    expect(await errnoOf(system.do(op, never))).toBe(errno);
  });

  it("knows who uses a drive", async () => {
    const system = node("n", "10.0.0.1/24");
    await system.openExclusive("/dev/nvme0n1");
    system.openByProcess("nvme0n1", 812, "postgres");
    await system.openExclusive("/dev/nvme0n1");
    expect(await system.read("/proc/812/comm")).toBe("postgres\n");
    expect(await system.readlink("/proc/812/fd/3")).toBe("/dev/nvme0n1");
    system.mountDrive("nvme0n1", "/mnt/data");
    expect(await system.read("/proc/self/mountinfo")).toContain("/mnt/data");
    expect(await errnoOf(system.openExclusive("/dev/nvme0n1"))).toBe("EBUSY");
    system.hold("nvme1n1", "dm-0");
    expect(await system.list("/sys/block/nvme1n1/holders")).toEqual(["dm-0"]);
    expect(await errnoOf(system.openExclusive("/dev/nvme1n1"))).toBe("EBUSY");
  });

  it("runs a few programs over its own files, and no others", async () => {
    const system = node("n", "10.0.0.1/24", { files: { "/etc/motd": "hello\n" } });
    const all = async (output: AsyncIterable<Output>) => {
      const seen: Output[] = [];
      for await (const each of output) seen.push(each);
      return seen;
    };
    expect(await all(system.exec({ argv: ["cat", "/etc/motd"] }, never))).toEqual([
      { is: "stdout", text: "hello\n" },
      { is: "exit", code: 0, signal: null },
    ]);
    await expect(all(system.exec({ argv: ["node", "-v"] }, never))).rejects.toMatchObject({ errno: "ENOENT" });
  });
});
