import { describe, expect, test } from "vitest";
import { Foreseen } from "../../../../agent/actions/foreseen.ts";
import { parseInstalled } from "../../../../agent/actions/packages/dpkg.ts";
import { lockHolder } from "../../../../agent/actions/packages/locks.ts";
import { parseDnfTable } from "../../../../agent/actions/packages/rpm.ts";
import { parseAptSimulation } from "../../../../agent/actions/packages/simulated.ts";
import { look } from "../../../../agent/actions/programs/look.ts";
import { unitsIn } from "../../../../agent/actions/service/agents-own.ts";
import { unitFiles, unitName } from "../../../../agent/actions/service/unit-files.ts";
import { findModule } from "../../../../controller/project/modules.ts";
import { systemClock as clock, deadlineIn } from "../../../../shared/clock.ts";
import { actions } from "../../../../shared/modules/actions/actions.ts";
import { modelNode } from "../../../support/agent-node.ts";

describe("what package managers print", () => {
  test("apt-get -s: installations, upgrades, removals, of other architectures too", () => {
    const text = [
      "NOTE: This is only a simulation!",
      "Remv old [1.0]",
      "Purg older [0.9-1]",
      "Inst fresh (2.0 Debian:12/stable [amd64])",
      "Inst kept [1.0] (1.1 Debian:12/stable [amd64]) []",
      "Inst libc6:i386 (2.36-9 Debian:12/stable [i386])",
      "Conf fresh (2.0 Debian:12/stable [amd64])",
    ].join("\n");
    const { installs, removes } = parseAptSimulation(text);
    expect([...removes]).toEqual([
      ["old", "1.0"],
      ["older", "0.9-1"],
    ]);
    expect([...installs]).toEqual([
      ["fresh", { before: undefined, after: "2.0" }],
      ["kept", { before: "1.0", after: "1.1" }],
      ["libc6:i386", { before: undefined, after: "2.36-9" }],
    ]);
  });

  test("dpkg-query: what is installed, what left configuration behind, and what stands in for others", () => {
    const { versions, leftovers, provided } = parseInstalled(
      "a\tamd64\t1\tinstalled\tmail-agent, imap (= 2)\nb\tall\t2\tconfig-files\t\nc\tall\t3\tnot-installed\t\n",
    );
    expect([...versions.keys()]).toEqual(["a", "a:amd64"]);
    expect([...leftovers]).toEqual(["b"]);
    expect([...provided]).toEqual(["mail-agent", "imap"]);
  });

  test("dnf's table: also rows that go on in the next line, and what is replaced", () => {
    const text = [
      "Dependencies resolved.",
      "================",
      " Package  Arch  Version  Repo  Size",
      "================",
      "Installing:",
      " heir     noarch  1.0-1  own  5 k",
      "     replacing  store.noarch 1.0-1",
      " a-name-that-is-too-long",
      "          noarch  2.0-1  own  5 k",
      "Removing dependent packages:",
      " store-tools  noarch  1.0-1  @own  0",
      "",
      "Transaction Summary",
      "================",
      "Install  2 Packages",
    ].join("\n");
    const { installs, removes, dependents } = parseDnfTable(text);
    expect([...installs.keys()]).toEqual(["heir", "a-name-that-is-too-long"]);
    expect([...removes]).toEqual([
      ["store", "1.0-1"],
      ["store-tools", "1.0-1"],
    ]);
    expect(dependents).toEqual(["store-tools"]);
  });

  test.each([
    [
      "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (unattended-upgr)",
      "process 812 (unattended-upgr)",
    ],
    [
      "E: Could not get lock /var/lib/dpkg/lock - open (11: Resource temporarily unavailable)",
      "another package manager",
    ],
    ["dpkg: error: dpkg frontend lock was locked by another process with pid 99", "process 99"],
    ["metadata already locked by 7\n  The application with PID 7 is: dnf-automatic\n", "process 7 (dnf-automatic)"],
    ["E: Unable to locate package x", undefined],
  ])("%j: the lock is held by %s", (text, holder) => {
    expect(lockHolder(text)).toBe(holder);
  });
});

test.each([
  ["0::/system.slice/flashfleet-agent.service\n", ["system.slice", "flashfleet-agent.service"]],
  [
    "9:name=systemd:/user.slice/user-0.slice/session-3.scope\n4:memory:/x.service\n0::/\n",
    ["user.slice", "user-0.slice", "session-3.scope"],
  ],
  ["0::/\n", []],
])("of %j the units are %j", (text, units) => {
  expect(unitsIn(text)).toEqual(units);
});

test.each([
  ["chrony", "chrony.service", "/etc/systemd/system/chrony.service"],
  ["srv-data.mount", "srv-data.mount", "/etc/systemd/system/srv-data.mount"],
  ["nvme@a.b", "nvme@a.b.service", "/etc/systemd/system/nvme@.service"],
])("the unit %s is %s, its file %s", (name, unit, file) => {
  expect(unitName(name)).toBe(unit);
  expect(unitFiles(name)[0]).toBe(file);
});

test("a check runs no program that is not known to change nothing", () => {
  const context = {
    system: modelNode(),
    clock,
    deadline: deadlineIn(clock, 1000),
    check: true,
    job: { progress: () => {}, effect: async () => {} },
    checking: { node: modelNode(), clock, deadline: deadlineIn(clock, 1000), foreseen: new Foreseen() },
  };
  // What the compiler refuses is refused when it runs, too.
  const words = JSON.parse('["systemctl", "stop", "x"]');
  expect(() => look(words, context)).toThrow("not known to change nothing");
});

describe("arguments", () => {
  test.each([
    ["systemd", "systemd_service"],
    ["ansible.builtin.systemd", "systemd_service"],
    ["yum", "dnf"],
    ["ansible.posix.sysctl", "sysctl"],
    ["ansible.posix.mount", "mount"],
    ["ansible.builtin.mount", "mount"],
    ["community.general.filesystem", "filesystem"],
    ["ansible.builtin.reboot", "reboot"],
  ])("%s is %s here", (name, own) => {
    expect(findModule(name)).toEqual({ is: "action", name: own });
  });

  test.each([
    ["apt", { name: "a, b" }, { name: ["a", "b"], state: "present" }],
    ["apt", { name: ["g++", "x=1:2.0~rc1-1"], state: "removed" }, { name: ["g++", "x=1:2.0~rc1-1"], state: "absent" }],
    ["sysctl", { name: "a.b", value: true }, { value: "1" }],
    ["sysctl", { name: "a.b", value: "off" }, { value: "0" }],
  ] as const)("%s takes %j", (name, args, parsed) => {
    expect(actions[name].schema.parse(args)).toMatchObject(parsed);
  });

  test.each([
    ["apt", {}],
    ["apt", { name: [] }],
    ["apt", { name: "-y" }],
    ["apt", { name: "nginx-" }],
    ["apt", { name: "ng*" }],
    ["dnf", { name: "@group" }],
    ["package", { name: "/tmp/x.rpm" }],
    ["sysctl", { name: "a.b" }],
    ["sysctl", { name: "a..b", value: 1 }],
    ["sysctl", { name: "../etc", value: 1 }],
    ["sysctl", { name: "a.b", value: "1\n2" }],
    ["service", { name: "x" }],
    ["service", { name: "--now", state: "started" }],
    ["systemd_service", {}],
    ["systemd_service", { state: "started" }],
    ["systemd_service", { name: "x*", state: "started" }],
  ] as const)("%s does not take %j", (name, args) => {
    expect(actions[name].schema.safeParse(args).success).toBe(false);
  });
});
