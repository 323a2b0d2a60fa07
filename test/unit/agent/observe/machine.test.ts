import { describe, expect, test } from "vitest";
import { gatherFacts } from "../../../../agent/observe/facts.ts";
import { parseRoute4, parseRoute6 } from "../../../../agent/observe/machine/default-route.ts";
import { distributionOf, parseOsRelease } from "../../../../agent/observe/machine/distribution.ts";
import { fullName, observeMachine } from "../../../../agent/observe/machine/machine-facts.ts";
import { observeMounts } from "../../../../agent/observe/machine/mounts.ts";
import { machineIn, parseMemory, parseProcessors } from "../../../../agent/observe/machine/processors.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { modelNode } from "../../../support/agent-node.ts";
import { fixtureSystem } from "../../../support/fixture-system.ts";

/** os-release as the distributions have it; what Ansible 2.14 makes of each. */
test.each([
  [
    'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    "12.11\n",
    ["Debian", "12.11", "12", "bookworm", "Debian"],
  ],
  [
    'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n',
    undefined,
    ["Ubuntu", "22.04", "22", "jammy", "Debian"],
  ],
  ['ID="rhel"\nVERSION_ID="9.4"\nVERSION="9.4 (Plow)"\n', undefined, ["RedHat", "9.4", "9", "Plow", "RedHat"]],
  [
    'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\nVERSION="9.3 (Blue Onyx)"\n',
    undefined,
    ["Rocky", "9.3", "9", "Blue Onyx", "RedHat"],
  ],
  [
    'NAME="CentOS Stream"\nID="centos"\nVERSION_ID="9"\n',
    "CentOS Stream release 9\n",
    ["CentOS", "9", "9", "Stream", "RedHat"],
  ],
  ['ID=fedora\nVERSION_ID=39\nVERSION_CODENAME=""\n', undefined, ["Fedora", "39", "39", "NA", "RedHat"]],
  ['ID="sles"\nVERSION_ID="15.5"\n', undefined, ["SLES", "15.5", "15", "NA", "Suse"]],
  ['ID=newone\nID_LIKE="ubuntu debian"\nVERSION_ID=3\n', undefined, ["Newone", "3", "3", "NA", "Debian"]],
])("of a distribution that says %j", (text, more, [name, version, major, release, family]) => {
  expect(distributionOf(parseOsRelease(text), more)).toEqual({
    distribution: name,
    distribution_version: version,
    distribution_major_version: major,
    distribution_release: release,
    os_family: family,
  });
});

test("a distribution that says nothing of itself is none", () => {
  expect(distributionOf({}, undefined)).toBeUndefined();
});

describe("processors", () => {
  const cpu = (physical: number, core: number, index: number) =>
    `processor\t: ${index}\nvendor_id\t: X\nphysical id\t: ${physical}\nsiblings\t: 4\ncore id\t\t: ${core}\ncpu cores\t: 2\n\n`;
  test("two sockets of two cores with two threads each", () => {
    const rows = [0, 1].flatMap((socket) => [0, 1, 0, 1].map((core, index) => cpu(socket, core, socket * 4 + index)));
    expect(parseProcessors(rows.join(""))).toEqual({
      processor_count: 2,
      processor_cores: 2,
      processor_threads_per_core: 2,
      processor_vcpus: 8,
    });
  });
  test("elsewhere than on x86 each is one of its own", () => {
    expect(parseProcessors("processor\t: 0\n\nprocessor\t: 1\n")).toMatchObject({
      processor_count: 2,
      processor_vcpus: 2,
    });
    expect(parseProcessors("")).toBeUndefined();
  });
  test.each([
    ["flags\t\t: fpu lm x\n", "x86_64"],
    ["CPU architecture: 8\n", "aarch64"],
    ["flags\t\t: fpu x\n", undefined],
  ])("%j is of %s", (text, machine) => expect(machineIn(text)).toBe(machine));
});

test("memory is told in MiB", () => {
  expect(parseMemory("MemTotal:       24684096 kB\nSwapTotal:       1048572 kB\n")).toEqual({
    memtotal_mb: 24105,
    swaptotal_mb: 1023,
  });
});

describe("the default route", () => {
  const row4 = (name: string, gateway: string, flags: string, metric: number, destination = "00000000") =>
    `${name}\t${destination}\t${gateway}\t${flags}\t0\t0\t${metric}\t00000000\t0\t0\t0\n`;
  test("is the one of the least metric, and none that is down or rejects", () => {
    const text = [
      "Iface\tDestination\tGateway\n",
      row4("eth1", "010200C0", "0003", 200),
      row4("eth2", "010200C0", "0002", 1),
      row4("eth3", "010200C0", "0201", 2),
      row4("eth0", "0100000A", "0003", 100),
      row4("eth4", "00000000", "0001", 0, "0000000A"),
    ].join("");
    expect(parseRoute4(text)).toEqual({ interface: "eth0", gateway: "10.0.0.1" });
  });
  test("may have no gateway, or not be there", () => {
    expect(parseRoute4(row4("ppp0", "00000000", "0001", 0))).toEqual({ interface: "ppp0" });
    expect(parseRoute4("")).toBeUndefined();
  });
  test("of IPv6 is not the one that rejects all", () => {
    const row = (hop: string, flags: string, name: string) =>
      `${"0".repeat(32)} 00 ${"0".repeat(32)} 00 ${hop} 00000400 00000003 00000000 ${flags} ${name}\n`;
    const text = row("0".repeat(32), "00200200", "lo") + row("fd000000000000000000000000000001", "00000003", "eth0");
    expect(parseRoute6(text)).toEqual({ interface: "eth0", gateway: "fd00::1" });
  });
});

test.each([
  ["web01", "127.0.0.1 localhost\n10.0.0.1 web01.example.org web01 # it\n", "web01.example.org"],
  ["web01", "127.0.0.1 localhost\n127.0.0.1 web01\n", "localhost"],
  ["web01", "", "web01"],
  ["web01.example.org", "", "web01.example.org"],
])("the full name of %s by %j is %s", (hostname, hosts, name) => {
  expect(fullName(hostname, hosts)).toBe(name);
});

test("mounts are those on devices and over the network, with the uuid that udev knows", async () => {
  const system = fixtureSystem({
    "/proc/mounts":
      "proc /proc proc rw 0 0\n/dev/mapper/vg-root / ext4 rw,noatime 0 0\nfs:/srv /mnt/with\\040space nfs4 rw 0 0\n",
    "/dev/mapper/vg-root": { link: "../dm-0" },
    "/dev/dm-0": { device: "block" },
    "/dev/disk/by-uuid/12-34": { link: "../../dm-0" },
  });
  expect(await observeMounts(system)).toEqual([
    { mount: "/", device: "/dev/mapper/vg-root", fstype: "ext4", options: "rw,noatime", uuid: "12-34" },
    { mount: "/mnt/with space", device: "fs:/srv", fstype: "nfs4", options: "rw" },
  ]);
});

test("a model node tells of itself what a node does", async () => {
  const node = modelNode();
  const facts = await observeMachine(node);
  expect(facts).toMatchObject({
    fqdn: "flash01",
    machine: "x86_64",
    distribution: "Debian",
    os_family: "Debian",
    memtotal_mb: 4096,
    processor_vcpus: 2,
    interfaces: ["eth0", "lo"],
    default_ipv4: { interface: "eth0", mtu: 1500 },
    mounts: [{ mount: "/", device: "/dev/vda1", fstype: "ext4" }],
  });
  expect(facts.machine_id).toMatch(/^[0-9a-f]{32}$/);
});

test("compact: what a node sends of its machine is below 1.5 kB", async () => {
  const { system } = await gatherFacts(modelNode(), systemClock);
  expect(JSON.stringify(system).length).toBeLessThan(1500);
});
