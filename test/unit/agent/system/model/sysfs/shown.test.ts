import { describe, expect, it } from "vitest";
import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import { discoveryNqn } from "../../../../../../shared/nvme/nqn.ts";
import {
  build,
  connectTo,
  errnoOf,
  exportBoth,
  hostA,
  hostB,
  hostidA,
  hostidB,
  never,
  nqnA,
  nqnB,
  pair,
  run,
  turns,
} from "../lab.ts";

async function connected(kernel: string) {
  const nodes = await pair({ target: kernel, initiator: kernel });
  await exportBoth(nodes.target);
  await nodes.initiator.do(connectTo(nqnA), never);
  await turns();
  return nodes;
}

const controller = "/sys/class/nvme/nvme2";
const head = "/sys/block/nvme2n1";
const path = "/sys/block/nvme2c2n1";
const subsystem = "/sys/class/nvme-subsystem/nvme-subsys2";

/** Files that came with a kernel: there from the second on, and not before. */
const arrivals: [file: string, before: string, since: string][] = [
  [`${controller}/queue_count`, "5.0", "5.4"],
  [`${controller}/hwmon2`, "5.4", "5.10"],
  [`${controller}/kato`, "5.10", "5.15"],
  [`${controller}/dhchap_secret`, "6.1", "6.8"],
  [`${controller}/passthru_err_log_enabled`, "6.1", "6.8"],
  [`${controller}/quirks`, "6.17", "7.2"],
  [`${subsystem}/iopolicy`, "5.0", "5.4"],
  [`${subsystem}/ng2n1`, "5.10", "5.15"],
  [`${subsystem}/subsystype`, "5.15", "6.1"],
  [`${head}/events`, "5.0", "5.4"],
  [`${head}/diskseq`, "5.10", "5.15"],
  [`${head}/nuse`, "6.1", "6.8"],
  [`${head}/partscan`, "6.8", "6.11"],
  [`${head}/multipath/nvme2c2n1`, "6.14", "6.17"],
  [`${head}/delayed_removal_secs`, "6.14", "6.17"],
  [`${head}/diag`, "6.17", "7.2"],
  [`${path}/queue_depth`, "6.14", "6.17"],
  ["/sys/module/nvme_core/parameters/apst_primary_timeout_ms", "5.10", "5.15"],
  ["/sys/module/nvme_core/parameters/disable_pi_offsets", "6.8", "6.11"],
  ["/sys/module/nvme_core/parameters/multipath_always_on", "6.14", "6.17"],
];

function isThere(system: ModelSystem, file: string): Promise<boolean> {
  return system.stat(file).then(
    () => true,
    () => false,
  );
}

describe("sysfs", () => {
  it.each(arrivals)("%s is not on %s, and is on %s", async (file, before, since) => {
    const [old, young] = await Promise.all([connected(before), connected(since)]);
    expect([await isThere(old.initiator, file), await isThere(young.initiator, file)]).toEqual([false, true]);
  });

  it("what is listed can be found, and nothing else", async () => {
    const { initiator } = await connected("7.2");
    for (const directory of [controller, subsystem, head, path]) {
      for (const name of await initiator.list(directory))
        expect(await isThere(initiator, `${directory}/${name}`)).toBe(true);
      expect(await isThere(initiator, `${directory}/nothing`)).toBe(false);
    }
  });

  it("a path says under each policy what the policy looks at", async () => {
    const { initiator } = await connected("7.2");
    const says = async () => [await initiator.read(`${path}/numa_nodes`), await initiator.read(`${path}/queue_depth`)];
    expect(await says()).toEqual(["0\n", ""]);
    await build(initiator, [["write", `${subsystem}/iopolicy`, "queue-depth", "ok"]]);
    expect(await says()).toEqual(["", "0\n"]);
  });

  it("a path is hidden, has no device, and alone shows the ANA state", async () => {
    const { initiator } = await connected("6.12");
    const has = async (at: string) =>
      Promise.all(["dev", "bdi", "mq", "ana_state"].map((name) => isThere(initiator, `${at}/${name}`)));
    expect([await has(head), await has(path)]).toEqual([
      [true, true, false, false],
      [false, false, true, true],
    ]);
    expect(await initiator.list("/dev")).not.toContain("nvme2c2n1");
  });

  it("errors of people's own commands are logged on request", async () => {
    const { initiator } = await connected("6.12");
    for (const at of [controller, head]) {
      expect(await run(initiator, ["write", `${at}/passthru_err_log_enabled`, "on", "ok"])).toBe("ok");
      expect(await initiator.read(`${at}/passthru_err_log_enabled`)).toBe("on\n");
    }
    expect(await run(initiator, ["write", `${controller}/passthru_err_log_enabled`, "x", ""])).toBe("EINVAL");
  });

  it("sensors are numbered by the lowest that is free", async () => {
    const { initiator } = await connected("6.12");
    await initiator.do(connectTo(nqnB), never);
    await run(initiator, ["write", `${controller}/delete_controller`, "1", "ok"]);
    await initiator.do(connectTo(nqnA, { nr_io_queues: 1 }), never);
    const sensors = async (name: string) =>
      (await initiator.list(`/sys/class/nvme/${name}`)).filter((each) => each.startsWith("hwmon"));
    expect([await sensors("nvme2"), await sensors("nvme3")]).toEqual([["hwmon2"], ["hwmon3"]]);
  });
});

describe("host NQNs and host ids", () => {
  it("before 6.5 the last connect of a host NQN says which id it has, for all of its controllers", async () => {
    const { target, initiator } = await connected("6.1");
    const hostid = async () => (await initiator.read(`${controller}/hostid`)).trim();
    expect(await hostid()).toBe(hostidA);
    await initiator.do(connectTo(nqnA, { hostid: hostidB, duplicate_connect: true }), never);
    expect(await hostid()).toBe(hostidB);
    expect(await errnoOf(initiator.do(connectTo(nqnA, { hostid: hostidA }), never))).toBe("EALREADY");
    await build(target, [["link", `subsystems/${nqnA}/allowed_hosts/b`, `hosts/${hostB}`, "ok"]]);
    expect(await errnoOf(initiator.do(connectTo(nqnA, { hostnqn: hostB, hostid: hostidA }), never))).toBe("ok");
  });
});

describe("changes of the discovery log", () => {
  const changes: [says: string, path: string, to: string][] = [
    ["its own host", `subsystems/${nqnA}/allowed_hosts/new`, `hosts/${hostA}`],
    ["another host", `subsystems/${nqnB}/allowed_hosts/new`, `hosts/${hostB}`],
  ];
  it.each(changes)("a controller is told of what concerns %s, if at all", async (says, at, to) => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    await build(target, [["unlink", `subsystems/${nqnA}/allowed_hosts/${hostA}`, "ok"]]);
    await initiator.do(connectTo(discoveryNqn), never);
    const told: string[] = [];
    initiator.hear(({ properties }) => told.push(properties.NVME_AEN ?? ""));
    await build(target, [["link", at, to, "ok"]]);
    await turns();
    expect(told).toEqual(says === "its own host" ? ["0x70f002"] : []);
  });
});
