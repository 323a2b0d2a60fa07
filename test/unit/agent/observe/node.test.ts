import { describe, expect, test } from "vitest";
import { gatherFacts } from "../../../../agent/observe/facts.ts";
import { hostsAt } from "../../../../agent/observe/hosts-at.ts";
import { observe } from "../../../../agent/observe/observe.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { Facts } from "../../../../shared/protocol/facts.ts";
import { type FixtureTree, fixtureSystem } from "../../../support/fixture-system.ts";
import { localNvme, partition } from "./block-tree.ts";

const release = "6.12.107+deb13-amd64";
const kernel: FixtureTree = {
  "/proc/sys/kernel/osrelease": `${release}\n`,
  "/proc/self": { link: "42" },
  "/proc/42/mountinfo":
    "30 24 0:28 / /sys/kernel/config rw - configfs none rw\n36 35 259:1 / /boot rw - ext4 /dev/nvme0n1p1 rw\n",
  "/sys/module/nvme_core/parameters/multipath": "Y\n",
  "/sys/module/nvme_core/parameters/hidden": { errno: "EACCES" },
  "/sys/module/nvmet": { directory: true },
  [`/lib/modules/${release}/modules.dep`]:
    "kernel/a/nvme-tcp.ko.xz: kernel/a/nvme-fabrics.ko.xz\nkernel/a/nvme-core.ko.xz:\n",
  [`/lib/modules/${release}/modules.builtin`]: "kernel/fs/configfs/configfs.ko\n",
};

describe("the kernel", () => {
  test("modules that are loaded or built in, with parameters; those that could be loaded", async () => {
    const { kernel: seen, parameters } = await observe(fixtureSystem(kernel), ["kernel", "parameters"]);
    expect(seen.release).toBe(release);
    expect([...seen.modules]).toEqual(["configfs", "nvme_core", "nvmet"]);
    expect([...parameters]).toEqual([
      ["nvme_core", { multipath: "Y" }],
      ["nvmet", {}],
    ]);
    expect([...seen.available].sort()).toEqual(["configfs", "nvme_core", "nvme_tcp"]);
    expect(seen.configfsMounted).toBe(true);
  });

  test("a package that brings modules is noticed", async () => {
    const tree: Record<string, FixtureTree[string]> = { ...kernel };
    const dep = `/lib/modules/${release}/modules.dep`;
    let longer = false;
    const before = fixtureSystem(tree);
    const after = fixtureSystem({ ...tree, [dep]: `${tree[dep]}kernel/a/nvmet.ko.xz:\n` });
    const system = {
      ...before,
      read: (path: string) => (longer ? after : before).read(path),
      stat: (path: string) => (longer ? after : before).stat(path),
    };
    expect((await observe(system, ["kernel"])).kernel.available.has("nvmet")).toBe(false);
    longer = true;
    expect((await observe(system, ["kernel"])).kernel.available.has("nvmet")).toBe(true);
  });

  test("parameters of loaded modules are read anew each time", async () => {
    const tree: Record<string, FixtureTree[string]> = { ...kernel };
    const first = fixtureSystem(tree);
    const second = fixtureSystem({ ...tree, "/sys/module/nvme_core/parameters/multipath": "N\n" });
    let changed = false;
    const system = { ...first, read: (path: string) => (changed ? second : first).read(path) };
    expect((await observe(system, ["parameters"])).parameters.get("nvme_core")).toEqual({ multipath: "Y" });
    changed = true;
    expect((await observe(system, ["parameters"])).parameters.get("nvme_core")).toEqual({ multipath: "N" });
  });

  test("a container without modules and mounts has none", async () => {
    const { kernel: seen } = await observe(fixtureSystem({ "/proc/sys/kernel/osrelease": "5.10.0\n" }), ["kernel"]);
    expect(seen).toEqual({ release: "5.10.0", modules: new Set(), available: new Set(), configfsMounted: false });
  });
});

describe("the host identity", () => {
  test.each<[string, FixtureTree, object]>([
    ["both", { "/etc/nvme/hostnqn": "nqn.h\n", "/etc/nvme/hostid": "1-2\n" }, { hostnqn: "nqn.h", hostid: "1-2" }],
    ["an empty file is none", { "/etc/nvme/hostnqn": "\n" }, {}],
    ["none", {}, {}],
  ])("%s", async (_case, tree, host) => {
    expect((await observe(fixtureSystem(tree), ["host"])).host).toEqual(host);
  });
});

test("only the sections that are asked for are read", async () => {
  const asked: string[] = [];
  const system = fixtureSystem({}, { before: (path) => void asked.push(path) });
  expect(Object.keys(await observe(system, ["host"]))).toEqual(["host"]);
  expect(asked.sort()).toEqual(["/etc/nvme/hostid", "/etc/nvme/hostnqn"]);
});

describe("sockets", () => {
  const row = (local: string, remote: string, state: string) => `   0: ${local} ${remote} ${state} 0:0\n`;
  const sockets: FixtureTree = {
    "/proc/net/tcp": [
      row("0100000A:1144", "00000000:0000", "0A"),
      row("0100000A:1144", "0200000A:C001", "01"),
      row("0100000A:1144", "0200000A:C002", "01"),
      row("0500000A:1144", "0300000A:C002", "01"),
      row("0100000A:1145", "0400000A:C002", "01"),
    ].join(""),
    "/proc/net/tcp6": row("0000000000000000FFFF00000100000A:1144", "0000000000000000FFFF00000900000A:C003", "01"),
  };

  test("listeners are those in state listen", async () => {
    const { listeners } = await observe(fixtureSystem(sockets), ["listeners"]);
    expect(listeners).toEqual([{ address: "10.0.0.1", port: 4420 }]);
  });

  const at = (address: string) => ({ transport: "tcp", address, port: 4420 });

  test("sessions at an address: each peer once, also where IPv6 carries IPv4", async () => {
    expect(await hostsAt(fixtureSystem(sockets), at("10.0.0.1"), 0)).toEqual(["10.0.0.2", "10.0.0.9"]);
  });

  test("sessions at any address", async () => {
    expect(await hostsAt(fixtureSystem(sockets), at("0.0.0.0"), 0)).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.9"]);
  });
});

test("facts fit their schema, and say why a drive is in use", async () => {
  const system = fixtureSystem(
    {
      ...kernel,
      ...localNvme,
      ...partition,
      "/etc/nvme/hostnqn": "nqn.h\n",
      "/dev/nvme-fabrics": { device: "char", text: "instance=-1,cntlid=-1,tls\n" },
    },
    {
      hostname: "flash01",
      addresses: [{ interface: "eth0", address: "10.0.0.1", family: "ipv4", prefix: 24, mac: "02:00:00:00:00:01" }],
    },
  );
  const facts = await gatherFacts(system, systemClock);
  expect(Facts.parse(facts)).toEqual(facts);
  expect(facts).toMatchObject({
    hostname: "flash01",
    address: "10.0.0.1",
    kernel: {
      release,
      modules_loaded: ["configfs", "nvme_core", "nvmet"],
      modules_available: ["configfs", "nvme_core", "nvme_tcp"],
    },
    nvme: { hostnqn: "nqn.h", fabrics_options: ["tls"] },
    drives: [{ name: "nvme0n1", size: 2147483648, uses: [{ device: "/dev/nvme0n1p1", says: "mounted at /boot" }] }],
  });
});
