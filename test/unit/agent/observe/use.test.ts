import { describe, expect, test } from "vitest";
import { deviceUse } from "../../../../agent/observe/use.ts";
import { type FixtureTree, fixtureSystem } from "../../../support/fixture-system.ts";
import { disk, localNvme, loopDevice, nvmeDisk, partition } from "./block-tree.ts";

const nvmet = "/sys/kernel/config/nvmet";
const proc: FixtureTree = {
  "/proc/self": { link: "4242" },
  "/proc/4242/fd/3": { link: "/dev/nvme0n1" },
  "/proc/4242/mountinfo": "22 27 0:21 / /proc rw - proc proc rw\n",
  "/proc/4242/comm": "node\n",
  "/proc/swaps": "Filename\tType\n",
};
const base: FixtureTree = { ...localNvme, ...partition, ...proc, "/dev/disk/by-id/one": { link: "../../nvme0n1" } };
const mounted = (line: string): FixtureTree => ({ "/proc/4242/mountinfo": `${line}\n` });
const namespace = (device: string, enable = "1"): FixtureTree => ({
  [`${nvmet}/subsystems/nqn.a/namespaces/1/device_path`]: `${device}\n`,
  [`${nvmet}/subsystems/nqn.a/namespaces/1/enable`]: `${enable}\n`,
});
/** A logical volume on the partition. */
const lvm: FixtureTree = {
  ...disk("dm-0", "/sys/devices/virtual/block/dm-0", "254:0"),
  "/sys/devices/virtual/block/dm-0/dm/name": "vg-data\n",
  [`${nvmeDisk}/nvme0n1p1/holders/dm-0`]: { link: "../../dm-0" },
  "/dev/mapper/vg-data": { link: "../dm-0" },
};

const say = async (tree: FixtureTree, device = "/dev/nvme0n1") =>
  (await deviceUse(fixtureSystem({ ...base, ...tree }), device)).map((use) => `${use.device} ${use.says}`);

test("a drive that nothing uses is free; what this process itself has open does not count", async () => {
  expect(await say({})).toEqual([]);
});

describe("why a device is in use", () => {
  test.each<[string, FixtureTree, string[]]>([
    [
      "mounted, by its number",
      mounted("36 35 259:0 / /mnt/data rw - ext4 /dev/root rw"),
      ["/dev/nvme0n1 mounted at /mnt/data"],
    ],
    [
      "mounted by its source, where the filesystem hides the number",
      mounted("36 35 0:45 / /mnt/data rw - btrfs /dev/disk/by-id/one rw"),
      ["/dev/nvme0n1 mounted at /mnt/data"],
    ],
    [
      "a partition is mounted",
      mounted("36 35 259:1 / /boot rw - ext4 /dev/nvme0n1p1 rw"),
      ["/dev/nvme0n1p1 mounted at /boot"],
    ],
    [
      "swap on a partition, under another name",
      { "/proc/swaps": "Filename\n/dev/part partition 1 0 -2\n", "/dev/part": { link: "nvme0n1p1" } },
      ["/dev/nvme0n1p1 used for swap"],
    ],
    [
      "a mounted volume on a partition, with the chain that leads there",
      { ...lvm, ...mounted("36 35 254:0 / /srv rw - xfs /dev/mapper/vg-data rw") },
      ["/dev/nvme0n1p1 held by dm-0 (vg-data)", "/dev/dm-0 mounted at /srv"],
    ],
    ["a loop device on it", loopDevice("loop0", "/dev/nvme0n1"), ["/dev/nvme0n1 held by loop0"]],
    [
      "open in a process",
      {
        "/proc/812/fd/5": { link: "/dev/nvme0n1p1" },
        "/proc/812/fd/6": { link: "socket:[1]" },
        "/proc/812/comm": "postgres\n",
      },
      ["/dev/nvme0n1p1 open in process 812 (postgres)"],
    ],
    [
      "an enabled namespace names it by another path",
      namespace("/dev/disk/by-id/one"),
      ["/dev/nvme0n1 exported as namespace 1 of subsystem nqn.a (enabled)"],
    ],
    [
      "a disabled namespace names its partition",
      namespace("/dev/nvme0n1p1", "0"),
      ["/dev/nvme0n1p1 exported as namespace 1 of subsystem nqn.a (disabled)"],
    ],
    [
      "its whole controller is passed through",
      {
        "/dev/nvme0": { device: "char" },
        [`${nvmet}/subsystems/nqn.p/passthru/device_path`]: "/dev/nvme0\n",
        [`${nvmet}/subsystems/nqn.p/passthru/enable`]: "1\n",
      },
      ["/dev/nvme0 passed through by subsystem nqn.p (enabled)"],
    ],
    [
      "held where no table of this node shows it",
      { "/dev/nvme0n1": { device: "block", exclusive: "EBUSY" } },
      [
        "/dev/nvme0n1 held exclusively: mounted in another mount namespace (a container), or claimed by a program or kernel driver",
      ],
    ],
  ])("%s", async (_case, tree, says) => {
    expect(await say(tree)).toEqual(says);
  });

  test("a mount that is known explains that the drive cannot be claimed", async () => {
    const tree = {
      "/dev/nvme0n1": { device: "block", exclusive: "EBUSY" } as const,
      ...mounted("1 1 259:0 / /a rw - ext4 x rw"),
    };
    expect(await say(tree)).toEqual(["/dev/nvme0n1 mounted at /a"]);
  });

  test("a partition is in use where its whole disk is exported or open", async () => {
    const tree = { ...namespace("/dev/nvme0n1"), "/proc/9/fd/1": { link: "/dev/nvme0n1" }, "/proc/9/comm": "dd\n" };
    expect(await say(tree, "/dev/nvme0n1p1")).toEqual([
      "/dev/nvme0n1 open in process 9 (dd)",
      "/dev/nvme0n1 exported as namespace 1 of subsystem nqn.a (enabled)",
    ]);
  });

  test("the use of another drive is not its use", async () => {
    const other = { ...disk("sda", "/sys/devices/pci0000:00/host0/block/sda", "8:0"), ...namespace("/dev/sda") };
    expect(await say({ ...other, ...mounted("1 1 8:0 / /a rw - ext4 /dev/sda rw") })).toEqual([]);
  });
});

describe("a file", () => {
  const file = { "/images/a.img": "x", "/images/link": { link: "a.img" } } as const;
  test.each<[string, FixtureTree, string[]]>([
    ["is free", {}, []],
    [
      "backs a namespace",
      namespace("/images/link"),
      ["/images/a.img exported as namespace 1 of subsystem nqn.a (enabled)"],
    ],
    [
      "lies below a loop device that is mounted",
      { ...loopDevice("loop0", "/images/a.img"), ...mounted("1 1 7:0 / /iso rw - ext4 /dev/loop0 rw") },
      ["/images/a.img held by loop0", "/dev/loop0 mounted at /iso"],
    ],
    [
      "is open in a virtual machine",
      { "/proc/7/fd/9": { link: "/images/a.img" }, "/proc/7/comm": "qemu\n" },
      ["/images/a.img open in process 7 (qemu)"],
    ],
    ["is swapped to", { "/proc/swaps": "Filename\n/images/a.img file 1 0 -2\n" }, ["/images/a.img used for swap"]],
  ])("%s", async (_case, tree, says) => {
    expect(await say({ ...file, ...tree }, "/images/link")).toEqual(says);
  });
});

describe("what cannot be read counts as in use", () => {
  test.each<[string, FixtureTree, string]>([
    ["the mounts", { "/proc/4242/mountinfo": { errno: "EACCES" } }, "mounts cannot be read (EACCES)"],
    ["swap", { "/proc/swaps": { errno: "EACCES" } }, "swap cannot be read (EACCES)"],
    [
      "the open files of a process",
      { "/proc/1/fd": { errno: "EACCES" }, "/proc/1/comm": "init\n" },
      "open files of process 1 (init) cannot be read (EACCES)",
    ],
    [
      "nvmet's configuration",
      { ...namespace("/dev/sda"), [`${nvmet}/subsystems/nqn.a/namespaces`]: { errno: "ETIMEDOUT" } },
      "nvmet's namespaces cannot be read (ETIMEDOUT)",
    ],
    ["the drive itself", { "/dev/nvme0n1": { device: "block", exclusive: "ENXIO" } }, "it cannot be opened (ENXIO)"],
    ["what lies on it", { [`${nvmeDisk}/holders`]: { errno: "EACCES" } }, "what lies on it cannot be read (EACCES)"],
    [
      "the device of a namespace",
      { ...namespace("/secret/disk"), "/secret/disk": { errno: "EACCES" } },
      "/secret/disk, namespace 1 of subsystem nqn.a, cannot be read (EACCES)",
    ],
  ])("%s", async (_case, tree, says) => {
    expect(await say(tree)).toEqual([`/dev/nvme0n1 perhaps in use: ${says}`]);
  });
});

test("the namespace that is about to be enabled is no obstacle to itself, another one is", async () => {
  const system = fixtureSystem({ ...base, ...namespace("/dev/nvme0n1", "0") });
  expect(await deviceUse(system, "/dev/nvme0n1", { except: { nqn: "nqn.a", nsid: 1 } })).toEqual([]);
  expect(await deviceUse(system, "/dev/nvme0n1", { except: { nqn: "nqn.b", nsid: 1 } })).toMatchObject([
    { by: "namespace", namespace: { nqn: "nqn.a", nsid: 1, enabled: false } },
  ]);
});

test("a device that is not there is an error", async () => {
  await expect(deviceUse(fixtureSystem(base), "/dev/nvme7n1")).rejects.toMatchObject({ errno: "ENOENT" });
});
