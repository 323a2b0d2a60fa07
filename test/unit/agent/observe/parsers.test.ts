import { describe, expect, test } from "vitest";
import { serialInPage } from "../../../../agent/observe/device.ts";
import { isHardware } from "../../../../agent/observe/drives.ts";
import { parseFabricsOptions } from "../../../../agent/observe/fabrics.ts";
import { parseControllerAddress, parseUevent } from "../../../../agent/observe/fabrics-controllers.ts";
import { mainAddress } from "../../../../agent/observe/facts.ts";
import { parseKernelInteger } from "../../../../agent/observe/kernel-integer.ts";
import { parseModuleFiles } from "../../../../agent/observe/modules.ts";
import { parseMountinfo, parseSwaps } from "../../../../agent/observe/mountinfo.ts";
import { formatIpv6, parseSockets } from "../../../../agent/observe/sockets.ts";

describe("numbers as the kernel spells them", () => {
  test.each([
    ["5", 5],
    ["05", 5],
    ["010", 8],
    ["0x1F", 31],
    ["+7", 7],
    ["0", 0],
    ["x", Number.NaN],
    ["", Number.NaN],
  ])("%s is %d", (text, number) => {
    expect(parseKernelInteger(text)).toBe(number);
  });
});

describe("/proc/net/tcp", () => {
  const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
  const rest = " 00000000:00000000 00:00000000 00000000     0        0 1461 1 00000000f0a6b173 100 0 0 10 0\n";

  test.each([
    ["any address", "00000000:07E8", "0.0.0.0", 2024],
    ["an IPv4 address", "0100007F:1144", "127.0.0.1", 4420],
    ["any IPv6 address", "00000000000000000000000000000000:1144", "::", 4420],
    ["IPv6 loopback", "00000000000000000000000001000000:1144", "::1", 4420],
    ["a documentation address", "B80D0120000000000000000001000000:1144", "2001:db8::1", 4420],
    ["IPv4 in IPv6", "0000000000000000FFFF00000100000A:1144", "::ffff:10.0.0.1", 4420],
  ])("%s", (_case, text, address, port) => {
    expect(parseSockets(`${head}   0: ${text} 00000000:0000 0A${rest}`)).toMatchObject([
      { local: { address, port }, state: "0A" },
    ]);
  });

  test("the headline and broken lines are left out", () => {
    expect(parseSockets(`${head}nonsense\n\n 1: 0100007F 00000000:0000 0A${rest}`)).toEqual([]);
  });

  test("only the longest run of zeros is shortened, and a single zero is not", () => {
    expect(formatIpv6([0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1])).toBe("2001:0:0:1::1");
    expect(formatIpv6([0x20, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])).toBe("2001:0:1:1:1:1:1:1");
  });
});

describe("mounts and swap", () => {
  test("a mount point with a space, optional fields, and a filesystem without a device", () => {
    const text = [
      "36 35 259:3 / /mnt/my\\040data rw,noatime master:1 shared:2 - ext4 /dev/nvme0n1p1 rw",
      "22 27 0:21 / /proc rw,relatime - proc proc rw",
      "",
    ].join("\n");
    expect(parseMountinfo(text)).toEqual([
      {
        device: "259:3",
        root: "/",
        at: "/mnt/my data",
        options: "rw,noatime",
        type: "ext4",
        source: "/dev/nvme0n1p1",
      },
      { device: "0:21", root: "/", at: "/proc", options: "rw,relatime", type: "proc", source: "proc" },
    ]);
  });

  test("swap on a device and in a file, the headline left out", () => {
    expect(
      parseSwaps("Filename\t\t\tType\n/dev/dm-1       partition\t976892\t0\t-2\n/swap\\040file file\t1\t0\t-3\n"),
    ).toEqual(["/dev/dm-1", "/swap file"]);
  });
});

describe("other texts of the kernel", () => {
  test("modules.dep and modules.builtin give names with underscores", () => {
    expect(
      parseModuleFiles(
        "kernel/drivers/nvme/host/nvme-tcp.ko.xz: kernel/drivers/nvme/host/nvme-fabrics.ko.xz\nkernel/fs/configfs/configfs.ko\n",
      ),
    ).toEqual(["nvme_tcp", "configfs"]);
  });

  test.each([
    [
      "a path with everything",
      "traddr=10.0.0.1,trsvcid=4420,host_traddr=10.0.0.2,host_iface=eth1,src_addr=10.0.0.2",
      { address: "10.0.0.1", serviceId: "4420", hostAddress: "10.0.0.2", hostInterface: "eth1" },
    ],
    ["a path of an old kernel", "traddr=fd00::1,trsvcid=4420", { address: "fd00::1", serviceId: "4420" }],
    ["loop, without an address", "", { address: "", serviceId: "" }],
  ])("%s", (_case, text, parsed) => {
    expect(parseControllerAddress(text)).toEqual(parsed);
  });

  test.each([
    [
      "a way with everything",
      "MAJOR=245\nMINOR=0\nDEVNAME=nvme0\nNVME_TRTYPE=tcp\nNVME_TRADDR=10.0.0.1\nNVME_TRSVCID=4420\nNVME_HOST_TRADDR=10.0.0.2\nNVME_HOST_IFACE=eth1",
      { address: "10.0.0.1", serviceId: "4420", hostAddress: "10.0.0.2", hostInterface: "eth1" },
    ],
    [
      "what is not set is none",
      "NVME_TRTYPE=loop\nNVME_TRADDR=none\nNVME_TRSVCID=none\nNVME_HOST_TRADDR=none",
      { address: "", serviceId: "" },
    ],
    ["a kernel that does not say", "MAJOR=245\nMINOR=0\nDEVNAME=nvme0", undefined],
  ])("%s", (_case, text, parsed) => {
    expect(parseUevent(text)).toEqual(parsed);
  });

  test("options of /dev/nvme-fabrics are names, without the answer to a connect", () => {
    expect([...parseFabricsOptions("instance=-1,cntlid=-1,transport=%s,duplicate_connect,tls\n")]).toEqual([
      "transport",
      "duplicate_connect",
      "tls",
    ]);
    expect(parseFabricsOptions("").size).toBe(0);
  });

  test("a SCSI serial number page is its text without the header", () => {
    expect(serialInPage("\0\uFFFD\0\u0014S3Z8NB0K123456      ")).toBe("S3Z8NB0K123456");
  });

  test.each([
    ["an NVMe drive", "/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1", true],
    ["a virtio disk", "/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda", true],
    ["a drive with two ports", "/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", true],
    ["a loop device", "/sys/devices/virtual/block/loop0", false],
    ["an iSCSI disk", "/sys/devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sdb", false],
    [
      "a Fibre Channel disk",
      "/sys/devices/pci0000:00/0000:05:00.0/host1/rport-1:0-2/target1:0:0/1:0:0:1/block/sdc",
      false,
    ],
  ])("%s: on this machine's hardware or not", (_case, path, expected) => {
    expect(isHardware(path)).toBe(expected);
  });
});

describe("the main address of a node", () => {
  const address = (name: string, text: string) => ({
    interface: name,
    address: text,
    family: text.includes(":") ? ("ipv6" as const) : ("ipv4" as const),
    prefix: 24,
    mac: "",
  });
  test.each([
    [
      "the first global IPv4 address",
      [address("lo", "127.0.0.1"), address("eth0", "fd00::2"), address("eth0", "10.0.0.2")],
      "10.0.0.2",
    ],
    ["IPv6 where there is no IPv4", [address("eth0", "fe80::1"), address("eth0", "fd00::2")], "fd00::2"],
    ["not the bridge of containers", [address("docker0", "172.17.0.1"), address("eth0", "10.0.0.2")], "10.0.0.2"],
    ["none", [address("lo", "127.0.0.1"), address("lo", "::1")], undefined],
  ])("%s", (_case, addresses, expected) => {
    expect(mainAddress(addresses)).toBe(expected);
  });
});
