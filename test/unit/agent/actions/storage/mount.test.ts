import { beforeEach, describe, expect, test } from "vitest";
import { isJsonRecord, type JsonRecord } from "../../../../../shared/protocol/json.ts";
import type { AgentNode } from "../../../../support/agent-node.ts";
import { type Desk, deskOf } from "../../../../support/desk.ts";
import { drivenNode, fastTime } from "../../../../support/driven-node.ts";

const dev = "/dev/nvme0n1";
const uuid = "01234567-89ab-cdef-0123-456789abcdef";
const never = Number.MAX_SAFE_INTEGER;
const root = "# /etc/fstab\nUUID=root / ext4 errors=remount-ro 0 1\n";

let node: AgentNode;
let desk: Desk;
beforeEach(async () => {
  node = drivenNode(fastTime());
  desk = deskOf(node);
  await node.system.do({ op: "replace", path: "/etc/fstab", content: root, mode: 0o640 }, never);
});

async function act(name: string, args: JsonRecord, run?: string) {
  const body = { do: "action", action: name, arguments: args } as const;
  const answer = await desk.give(body, run === undefined ? {} : { run }).catch((error: unknown) => ({
    outcome: "thrown",
    result: {},
    error: Object(error),
  }));
  return { ...answer, result: isJsonRecord(answer.result) ? answer.result : {} };
}
const mount = (args: JsonRecord, run?: string) => act("mount", { path: "/data", ...args }, run);
const format = (of = dev) => act("filesystem", { dev: of, fstype: "ext4", uuid });
const fstab = () => node.system.read("/etc/fstab");
const mounts = async () => (await node.system.read("/proc/mounts")).split("\n").filter((line) => / \/data/.test(line));
const mounted = { src: dev, fstype: "ext4", state: "mounted" };
const line = `UUID=${uuid} /data ext4 defaults 0 0\n`;

describe("mount", () => {
  test("mounts, makes the directory, and writes the uuid, never the kernel's name; a second time changes nothing", async () => {
    await format();
    const first = await mount({ ...mounted, opts: "noatime", passno: "2" });
    expect(first).toMatchObject({
      outcome: "changed",
      result: { src: `UUID=${uuid}`, mounted: true, device: dev, mounted_fstype: "ext4", path: "/data" },
    });
    expect(first.result.msg).toBe(`${dev} is UUID=${uuid} here: kernel names change between boots`);
    expect(await fstab()).toBe(`${root}UUID=${uuid} /data ext4 noatime 0 2\n`);
    expect(await mounts()).toEqual(["/dev/nvme0n1 /data ext4 rw,noatime,relatime 0 0"]);
    expect(await node.system.stat("/etc/fstab")).toMatchObject({ mode: 0o640 });
    expect((await node.system.stat("/data")).kind).toBe("directory");
    const again = { ...mounted, opts: "noatime", passno: "2" };
    expect(await mount(again)).toMatchObject({ outcome: "ok" });
    expect(await mount({ ...again, src: `UUID=${uuid}` })).toMatchObject({ outcome: "ok" });
  });

  test("of other options writes its line anew and mounts again", async () => {
    await format();
    await mount(mounted);
    expect(await mount({ ...mounted, opts: "ro" })).toMatchObject({ outcome: "changed" });
    expect(await fstab()).toBe(`${root}UUID=${uuid} /data ext4 ro 0 0\n`);
    expect(await mounts()).toEqual(["/dev/nvme0n1 /data ext4 ro,relatime 0 0"]);
  });

  test("finds the file system by its uuid after a boot that gave the drives other names", async () => {
    await format();
    await mount(mounted);
    const next = await node.system.boot({ driveOrder: ["B", "A"] });
    const later = drivenNode(fastTime());
    desk = deskOf({ ...later, shop: { ...later.shop, system: next } });
    node = { ...node, system: next };
    expect(await mount({ ...mounted, src: `UUID=${uuid}` })).toMatchObject({
      outcome: "changed",
      result: { device: "/dev/nvme1n1" },
    });
    expect(await fstab()).toBe(`${root}${line}`);
  });

  test("of a connection is written by its lasting name, behind the network, and does not hold up a boot", async () => {
    await node.converge([
      { nvmet_port: { id: 1, address: "10.0.0.1" } },
      { nvmet_subsystem: { nqn: "nqn.s", allow_any_host: true, namespaces: [{ nsid: 1, device: dev }], ports: [1] } },
    ]);
    const connected = await node.converge([{ nvme_connection: { nqn: "nqn.s", paths: [{ address: "10.0.0.1" }] } }]);
    expect(connected.outcome).toBe("changed");
    const [name] = (await node.system.list("/dev")).filter((each) => /^nvme[2-9]n1$/.test(each));
    const links = await node.system.list("/dev/disk/by-id");
    const link = links.find((each) => each.startsWith("nvme-uuid."));
    const device = `/dev/disk/by-id/${link}`;
    expect(await mount({ ...mounted, src: device })).toMatchObject({ error: { code: "kernel_refused" } });
    expect(await fstab()).toBe(root);
    await expect(node.system.stat("/data")).rejects.toThrow("ENOENT");
    await format(device);
    expect(await mount({ ...mounted, src: device })).toMatchObject({
      outcome: "changed",
      result: { src: device, device: `/dev/${name}`, opts: "defaults,_netdev,nofail" },
    });
    expect(await fstab()).toBe(`${root}${device} /data ext4 defaults,_netdev,nofail 0 0\n`);
    expect(await mount({ ...mounted, src: device })).toMatchObject({ outcome: "ok" });
    expect(await mount({ path: "/other", state: "present", src: `/dev/${name}`, fstype: "ext4" })).toMatchObject({
      result: { src: `UUID=${uuid}`, opts: "defaults,_netdev,nofail" },
    });
    // The drive below it is exported: two systems would write to it.
    expect(await mount({ ...mounted, path: "/twice" })).toMatchObject({ error: { code: "device_in_use" } });
  });

  test.each([
    ["a device that is not there", { src: "/dev/nvme9n1" }, "device_absent", "it is not there"],
    ["a uuid that nothing has", { src: `UUID=${uuid}` }, "device_absent", "it is not there"],
    ["a drive without a file system", {}, "kernel_refused", "wrong fs type"],
    ["nothing to be mounted at no path", { path: "none", fstype: "swap" }, "bad_argument", "nothing is mounted there"],
  ])("refuses %s, and leaves everything as it was", async (_, args, code, says) => {
    const { error } = await mount({ ...mounted, ...args });
    expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
    expect(await fstab()).toBe(root);
    await expect(node.system.stat("/data")).rejects.toThrow("ENOENT");
  });

  test("refuses a path at which another device is mounted", async () => {
    await format();
    node.system.mountDrive("nvme1n1", "/data");
    await node.system.do({ op: "mkdir", path: "/data" }, never);
    expect((await mount(mounted)).error).toMatchObject({
      code: "plan_refused",
      message: `cannot mount UUID=${uuid} at /data: /dev/nvme1n1 is mounted there`,
    });
    expect(await fstab()).toBe(root);
  });

  test("present and absent_from_fstab are about the file alone, ephemeral about the mount alone", async () => {
    await format();
    expect(await mount({ ...mounted, state: "present", boot: false })).toMatchObject({ outcome: "changed" });
    expect(await fstab()).toBe(`${root}UUID=${uuid} /data ext4 defaults,noauto 0 0\n`);
    expect(await mounts()).toEqual([]);
    expect(await mount({ state: "absent_from_fstab" })).toMatchObject({ outcome: "changed" });
    expect(await mount({ state: "absent_from_fstab" })).toMatchObject({ outcome: "ok" });
    expect(await mount({ ...mounted, state: "ephemeral" })).toMatchObject({ outcome: "changed" });
    expect(await mount({ ...mounted, state: "ephemeral" })).toMatchObject({ outcome: "ok" });
    expect(await mounts()).toHaveLength(1);
    expect(await fstab()).toBe(root);
  });

  test("swap has its line told by what it is, at the path none", async () => {
    await act("filesystem", { dev, fstype: "swap", uuid });
    const swap = { path: "none", src: dev, fstype: "swap", opts: "sw", state: "present" };
    expect(await mount(swap)).toMatchObject({ outcome: "changed", result: { mounted: false } });
    expect(await fstab()).toBe(`${root}UUID=${uuid} none swap sw 0 0\n`);
  });

  test("remounted mounts again each time, and needs a mount", async () => {
    expect(await mount({ state: "remounted" })).toMatchObject({ error: { code: "not_found" } });
    await format();
    await mount(mounted);
    expect(await mount({ state: "remounted", opts: "ro" })).toMatchObject({
      outcome: "changed",
      result: { mounted_opts: "ro,relatime" },
    });
  });

  test("keeps a copy of the file with backup, and makes one that is not there", async () => {
    await format();
    const { result } = await mount({ ...mounted, backup: true });
    expect(await node.system.read(String(result.backup_file))).toBe(root);
    await mount({ ...mounted, path: "/b", state: "present", fstab: "/etc/other/fstab" });
    expect(await node.system.read("/etc/other/fstab")).toBe(line.replace("/data", "/b"));
  });
});

describe("unmounting", () => {
  beforeEach(async () => {
    await format();
    await mount(mounted);
  });

  test("ends the mount and keeps the line; a second time changes nothing", async () => {
    expect(await mount({ state: "unmounted" })).toMatchObject({ outcome: "changed", result: { mounted: false } });
    expect(await mount({ state: "unmounted" })).toMatchObject({ outcome: "ok" });
    expect(await fstab()).toBe(`${root}${line}`);
  });

  test("absent takes mount, line and directory away", async () => {
    expect(await mount({ state: "absent" })).toMatchObject({ outcome: "changed" });
    expect(await fstab()).toBe(root);
    await expect(node.system.stat("/data")).rejects.toThrow("ENOENT");
    expect(await mount({ state: "absent" })).toMatchObject({ outcome: "ok" });
  });

  test("absent leaves a directory that holds something", async () => {
    await node.system.do({ op: "replace", path: "/data/kept", content: "x", mode: 0o644 }, never);
    expect(await mount({ state: "absent" })).toMatchObject({
      outcome: "changed",
      result: { msg: "/data stays: it is not empty" },
    });
    expect(await node.system.read("/data/kept")).toBe("x");
  });

  test.each([
    [
      "a process",
      () => node.system.openByProcess("/data/db", 812, "postgres"),
      "process 812 (postgres) has /data/db open",
    ],
    ["a mount below it", () => node.system.mountDrive("nvme1n1", "/data/below"), "/data/below is mounted below it"],
  ])("is refused while %s keeps it busy, and says so; the line stays", async (_, use, says) => {
    use();
    for (const state of ["unmounted", "absent"]) {
      const { error } = await mount({ state });
      expect(error).toMatchObject({ code: "device_in_use", hint: expect.stringContaining("never unmounted by force") });
      expect(error?.message).toContain(says);
    }
    expect(await fstab()).toBe(`${root}${line}`);
    expect(await mounts()).not.toEqual([]);
  });
});

describe("mount in a check", () => {
  test("foretells each task on top of those before it, and changes nothing", async () => {
    const play = async (run?: string) => [
      await act("filesystem", { dev, fstype: "ext4", uuid }, run),
      await mount(mounted, run),
      await mount(mounted, run),
      await act("filesystem", { dev, fstype: "xfs", force: true }, run),
      await mount({ ...mounted, opts: "ro" }, run),
      await mount({ state: "absent" }, run),
      await act("filesystem", { dev, fstype: "xfs", force: true }, run),
      await mount({ ...mounted, fstype: "ext4" }, run),
    ];
    const essence = (answers: Awaited<ReturnType<typeof play>>) =>
      answers.map(({ outcome, error }) => error?.code ?? outcome);
    const checked = await play("r1");
    expect(await fstab()).toBe(root);
    expect(await mounts()).toEqual([]);
    expect(desk.effects()).toBe(0);
    expect(checked[1]?.result.diff).toMatchObject({ before: root, after: `${root}${line}` });
    const done = await play();
    expect(essence(checked)).toEqual(essence(done));
    expect(essence(done)).toEqual([
      "changed",
      "changed",
      "ok",
      "device_in_use",
      "changed",
      "changed",
      "changed",
      "kernel_refused",
    ]);
  });

  test("of what is mounted on the node ends it on the model alone", async () => {
    await format();
    await mount(mounted);
    expect(await mount({ state: "unmounted" }, "r1")).toMatchObject({ outcome: "changed" });
    expect(await mount({ state: "unmounted" }, "r1")).toMatchObject({ outcome: "ok" });
    expect(await act("filesystem", { dev, state: "absent" }, "r1")).toMatchObject({ outcome: "changed" });
    expect(await mounts()).toHaveLength(1);
    node.system.openByProcess("/data/db", 812, "postgres");
    expect(await mount({ state: "unmounted" }, "r2")).toMatchObject({ error: { code: "device_in_use" } });
  });
});
