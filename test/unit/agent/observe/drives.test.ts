import { describe, expect, test } from "vitest";
import { drivesLike, resolveDevice } from "../../../../agent/observe/device.ts";
import { observeDrives } from "../../../../agent/observe/drives.ts";
import { observe } from "../../../../agent/observe/observe.ts";
import type { Drive } from "../../../../agent/observe/observed.ts";
import { fixtureSystem } from "../../../support/fixture-system.ts";
import { disk, localNvme, loopDevice, partition } from "./block-tree.ts";

const fabricsDisk = {
  ...disk("nvme1n1", "/sys/devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1", "259:5"),
  "/sys/devices/virtual/nvme-subsystem/nvme-subsys1/nvme1/transport": "tcp\n",
};
const twoPorts = {
  ...disk("nvme2n1", "/sys/devices/virtual/nvme-subsystem/nvme-subsys2/nvme2n1", "259:6"),
  "/sys/devices/virtual/nvme-subsystem/nvme-subsys2/nvme2/transport": "pcie\n",
  "/sys/devices/virtual/nvme-subsystem/nvme-subsys2/nvme3/transport": "pcie\n",
};

describe("local drives", () => {
  test("that cannot be listed are nobody's unhandled rejection while what to look for is still to come", async () => {
    let tell: (links: ReadonlySet<string>) => void = () => {};
    const links = new Promise<ReadonlySet<string>>((resolve) => {
      tell = resolve;
    });
    const observing = observeDrives(fixtureSystem({ "/sys/class/block": { errno: "ETIMEDOUT" } }), links);
    const failed = expect(observing).rejects.toMatchObject({ errno: "ETIMEDOUT" });
    await new Promise(setImmediate);
    tell(new Set());
    await failed;
  });

  test("an NVMe drive with its links, serial, model, wwid and size in bytes", async () => {
    const { drives } = await observe(
      fixtureSystem({
        ...localNvme,
        "/dev/disk/by-id/nvme-QEMU_VB1234": { link: "../../nvme0n1" },
        "/dev/disk/by-id/nvme-eui.0001": { link: "../../nvme0n1" },
        "/dev/disk/by-id/nvme-QEMU_VB1234-part1": { link: "../../nvme0n1p1" },
      }),
      ["drives"],
    );
    expect(drives).toEqual([
      {
        name: "nvme0n1",
        path: "/dev/nvme0n1",
        byId: ["/dev/disk/by-id/nvme-QEMU_VB1234", "/dev/disk/by-id/nvme-eui.0001"],
        serial: "VB1234-56789",
        model: "QEMU NVMe Ctrl",
        wwid: "nvme.1b36-5642-51454d55-00000001",
        size: 2147483648,
        readOnly: false,
      },
    ]);
  });

  test("a disk over fabrics is none, a local one with two ports is", async () => {
    const { drives } = await observe(fixtureSystem({ ...fabricsDisk, ...twoPorts }), ["drives"]);
    expect(drives.map(({ name }) => name)).toEqual(["nvme2n1"]);
  });

  test("partitions, loop devices, hidden path devices, and readers without a medium are none", async () => {
    const { drives } = await observe(
      fixtureSystem({
        ...localNvme,
        ...partition,
        ...loopDevice("loop0", "/images/a.img"),
        ...disk("nvme0c1n1", "/sys/devices/pci0000:00/nvme/nvme1/nvme0c1n1", "0:0"),
        "/sys/devices/pci0000:00/nvme/nvme1/nvme0c1n1/hidden": "1\n",
        ...disk("sdz", "/sys/devices/pci0000:00/usb1/host3/block/sdz", "65:144"),
        "/sys/devices/pci0000:00/usb1/host3/block/sdz/size": "0\n",
      }),
      ["drives"],
    );
    expect(drives.map(({ name }) => name)).toEqual(["nvme0n1"]);
  });

  test("in the order that people count in", async () => {
    const nvme = (number: number) => {
      const controller = `/sys/devices/pci0000:00/0000:00:0${number}.0/nvme/nvme${number}`;
      return {
        ...disk(`nvme${number}n1`, `${controller}/nvme${number}n1`, "259:0"),
        [`${controller}/transport`]: "pcie\n",
      };
    };
    const { drives } = await observe(fixtureSystem({ ...nvme(10), ...nvme(2) }), ["drives"]);
    expect(drives.map(({ name }) => name)).toEqual(["nvme2n1", "nvme10n1"]);
  });
});

describe("what a device is", () => {
  const tree = {
    ...localNvme,
    ...partition,
    "/dev/disk/by-id/one": { link: "../../nvme0n1" },
    "/images/a.img": "12345",
  };

  test("a link leads to the drive and its identity", async () => {
    await expect(resolveDevice(fixtureSystem(tree), "/dev/disk/by-id/one")).resolves.toMatchObject({
      kind: "block",
      path: "/dev/nvme0n1",
      name: "nvme0n1",
      number: "259:0",
      serial: "VB1234-56789",
      size: 2147483648,
    });
  });

  test("a partition has its own size and its disk's serial", async () => {
    await expect(resolveDevice(fixtureSystem(tree), "/dev/nvme0n1p1")).resolves.toMatchObject({
      disk: "nvme0n1",
      number: "259:1",
      serial: "VB1234-56789",
      size: 1048576,
    });
  });

  test("a logical volume is found by its mapper name where no udev makes links", async () => {
    const system = fixtureSystem({
      ...disk("dm-0", "/sys/devices/virtual/block/dm-0", "254:0"),
      "/sys/devices/virtual/block/dm-0/dm/name": "vg-data\n",
      "/sys/devices/virtual/block/dm-0/dm/uuid": "LVM-abc\n",
      "/dev/mapper/vg-data": { device: "block" },
    });
    await expect(resolveDevice(system, "/dev/mapper/vg-data")).resolves.toMatchObject({
      name: "dm-0",
      wwid: "LVM-abc",
    });
  });

  test("a file has a size and no more", async () => {
    await expect(resolveDevice(fixtureSystem(tree), "/images/a.img")).resolves.toEqual({
      kind: "file",
      path: "/images/a.img",
      wwid: "",
      serial: "",
      model: "",
      size: 5,
    });
  });

  test.each([
    ["nothing there", "/dev/nvme9n1", "ENOENT"],
    ["a directory", "/images", "ENOTBLK"],
    ["a device that sysfs does not know", "/dev/odd", "ENXIO"],
  ])("%s is %3$s", async (_case, path, errno) => {
    const system = fixtureSystem({ ...tree, "/dev/odd": { device: "block" } });
    await expect(resolveDevice(system, path)).rejects.toMatchObject({ errno });
  });
});

describe("a drive by what it is", () => {
  const drive = (name: string, wwid: string, serial: string): Drive => ({
    name,
    path: `/dev/${name}`,
    byId: [],
    serial,
    model: "",
    wwid,
    size: 1000,
    readOnly: false,
  });
  const drives = [drive("nvme0n1", "eui.2", "B"), drive("nvme1n1", "eui.1", "A"), drive("vda", "", "V")];
  test.each([
    ["by wwid, under another name now", { wwid: "eui.1", serial: "A", size: 1000 }, ["nvme1n1"]],
    ["by serial where it has no wwid", { wwid: "", serial: "V", size: 1000 }, ["vda"]],
    ["not with another size", { wwid: "eui.1", serial: "A", size: 2000 }, []],
    ["never by nothing", { wwid: "", serial: "", size: 1000 }, []],
  ])("%s", (_case, identity, names) => {
    expect(drivesLike(drives, identity).map(({ name }) => name)).toEqual(names);
  });
});
