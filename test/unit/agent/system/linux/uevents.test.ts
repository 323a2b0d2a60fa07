import { describe, expect, test } from "vitest";
import { createUeventParser, parseIpMonitorLine } from "../../../../../agent/system/linux/uevents.ts";

describe("udevadm monitor --kernel --property", () => {
  const output = `monitor will print the received events for:
KERNEL - the kernel uevent

KERNEL[12.345678] change   /devices/virtual/nvme-fabrics/ctl/nvme0 (nvme)
ACTION=change
DEVPATH=/devices/virtual/nvme-fabrics/ctl/nvme0
SUBSYSTEM=nvme
NVME_EVENT=connected
DEVNAME=/dev/nvme0
NVME_TRADDR=127.0.0.1

KERNEL[12.345679] add      /devices/virtual/nvme-subsystem/nvme-subsys0 (nvme-subsystem)
ACTION=add
DEVPATH=/devices/virtual/nvme-subsystem/nvme-subsys0
SUBSYSTEM=nvme-subsystem

KERNEL[12.345680] add      /devices/virtual/hwmon/hwmon0 (hwmon)
ACTION=add
DEVPATH=/devices/virtual/nvme-fabrics/ctl/nvme0/hwmon0
SUBSYSTEM=hwmon

KERNEL[12.4] change   /devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n2 (block)
ACTION=change
DEVPATH=/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n2
SUBSYSTEM=block
RESIZE=1

`;

  test("the events that an observation could see", () => {
    const parse = createUeventParser();
    expect(output.split("\n").flatMap((line) => parse(line) ?? [])).toEqual([
      { subsystem: "nvme", action: "change", device: "nvme0" },
      { subsystem: "nvme", action: "add", device: "nvme-subsys0" },
      { subsystem: "block", action: "change", device: "nvme0n2" },
    ]);
  });
});

describe("ip -o monitor link address", () => {
  test.each([
    [
      "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP group default \\    link/ether 02:00",
      "change",
      "eth0",
    ],
    ["7: veth1@if6: <BROADCAST> mtu 1500", "change", "veth1"],
    ["Deleted 9: rxe0: <BROADCAST> mtu 1500", "remove", "rxe0"],
    ["2: eth0    inet 10.0.0.1/24 scope global eth0\\       valid_lft forever preferred_lft forever", "add", "eth0"],
    ["Deleted 2: eth0    inet 10.0.0.1/24 scope global eth0", "remove", "eth0"],
    ["[ADDR]2: eth0.5    inet6 fe80::1/64 scope link", "add", "eth0.5"],
  ])("%s", (line, action, device) => {
    expect(parseIpMonitorLine(line)).toEqual({ subsystem: "net", action, device });
  });

  test("a line that goes on from the one before is none", () => {
    expect(parseIpMonitorLine("    link/ether 02:00:00:00:00:01")).toBeUndefined();
  });
});
