import { expect, test } from "vitest";
import { mountHolders } from "../../../../agent/observe/mount-holders.ts";
import { remoteVolume } from "../../../../agent/observe/remote.ts";
import { type FixtureTree, fixtureSystem } from "../../../support/fixture-system.ts";
import { disk, localNvme, loopDevice, partition } from "./block-tree.ts";

const base: FixtureTree = {
  "/proc/self/mountinfo": "1 0 259:0 / /data rw - ext4 /dev/nvme0n1 rw\n",
  "/proc/swaps": "Filename\tType\n",
  "/proc/7/comm": "bash\n",
};

test.each<[string, FixtureTree, string[]]>([
  ["nobody", {}, []],
  ["an open file", { "/proc/7/fd/3": { link: "/data/db" } }, ["process 7 (bash) has /data/db open"]],
  ["a working directory", { "/proc/7/cwd": { link: "/data" } }, ["process 7 (bash) works in /data"]],
  ["a root", { "/proc/7/root": { link: "/data/jail" } }, ["process 7 (bash) has its root at /data/jail"]],
  ["a program", { "/proc/7/exe": { link: "/data/bin/x" } }, ["process 7 (bash) runs /data/bin/x"]],
  ["not a neighbour of a like name", { "/proc/7/cwd": { link: "/database" } }, []],
  ["not a process that may not be looked at", { "/proc/7/fd": { errno: "EACCES" } }, []],
  ["swap in a file", { "/proc/swaps": "Filename\tType\n/data/swap file 1 0 -2\n" }, ["/data/swap is used for swap"]],
  ["a loop device", loopDevice("loop0", "/data/image"), ["loop0 lies on /data/image"]],
  [
    "an export of a file",
    {
      "/data/image": "",
      "/sys/kernel/config/nvmet/subsystems/nqn.a/namespaces/1/device_path": "/data/image\n",
      "/sys/kernel/config/nvmet/subsystems/nqn.a/namespaces/1/enable": "1\n",
    },
    ["/data/image is exported as namespace 1 of nqn.a"],
  ],
])("a mount point is kept by %s", async (_, tree, holders) => {
  expect(await mountHolders(fixtureSystem({ ...base, ...tree }), "/data")).toEqual(holders);
});

const fabrics = (transport: string): FixtureTree => ({
  ...disk("nvme1n1", "/sys/devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1", "259:9"),
  "/sys/devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1/device": { link: "../../nvme-subsys1" },
  "/sys/devices/virtual/nvme-subsystem/nvme-subsys1/subsysnqn": "nqn.far\n",
  "/sys/devices/virtual/nvme-subsystem/nvme-subsys1/nvme1": { link: "../../nvme-fabrics/ctl/nvme1" },
  "/sys/devices/virtual/nvme-fabrics/ctl/nvme1/transport": `${transport}\n`,
});
/** A logical volume on it. */
const volume: FixtureTree = {
  ...disk("dm-0", "/sys/devices/virtual/block/dm-0", "254:0"),
  "/sys/devices/virtual/block/dm-0/slaves/nvme1n1": { link: "../../nvme1n1" },
};

test.each<[string, FixtureTree, string, object | undefined]>([
  ["a drive of this machine is not remote", localNvme, "nvme0n1", undefined],
  ["nor is its partition", { ...localNvme, ...partition }, "nvme0n1p1", undefined],
  ["nor a drive with two ports, below its subsystem", fabrics("pcie"), "nvme1n1", undefined],
  ["a disk over fabrics is, and says of what", fabrics("tcp"), "nvme1n1", { nqn: "nqn.far" }],
  ["what lies on one is, too", { ...fabrics("tcp"), ...volume }, "dm-0", { nqn: "nqn.far" }],
  ["a loop device is not", loopDevice("loop0", "/image"), "loop0", undefined],
  [
    "a disk over iSCSI is",
    disk("sda", "/sys/devices/platform/host3/session1/target3:0:0/3:0:0:1/block/sda", "8:0"),
    "sda",
    { nqn: undefined },
  ],
])("%s", async (_, tree, name, expected) => {
  expect(await remoteVolume(fixtureSystem(tree), name)).toEqual(expected);
});
