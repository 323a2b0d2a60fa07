import { describe, expect, it } from "vitest";
import type { ModelSystem } from "../../../../../../agent/system/model/model-system.ts";
import { discoveryNqn } from "../../../../../../shared/nvme/nqn.ts";
import { build, connectTo, exportBoth, never, nqnA, nqnB, pair, run, turns } from "../lab.ts";

/** `add@nvme2 DEVNAME=nvme2 …`, of the part of the devpath that matters; what is said after `from` alone. */
function hear(system: ModelSystem): (from?: number) => string[] {
  const heard: string[] = [];
  system.hear(({ action, devpath, subsystem, properties }) => {
    const said = Object.entries(properties).map((each) => each.join("="));
    heard.push([`${action}@${devpath.replace("/devices/virtual/", "")}`, subsystem, ...said].join(" "));
  });
  return (from = 0) => heard.slice(from);
}

async function connected(kernel: string) {
  const nodes = await pair({ target: kernel, initiator: kernel });
  await exportBoth(nodes.target);
  const heard = hear(nodes.initiator);
  await nodes.initiator.do(connectTo(nqnA), never);
  await turns();
  return { ...nodes, heard };
}

const controller = "nvme-fabrics/ctl/nvme2";
const way = "NVME_TRTYPE=tcp NVME_TRADDR=10.0.0.1 NVME_TRSVCID=4420 NVME_HOST_TRADDR=none";
const wayOfToday = `${way} NVME_HOST_IFACE=none`;

const connects: [kernel: string, says: string[]][] = [
  [
    "5.0",
    [
      `add@${controller} nvme DEVNAME=nvme2`,
      "add@nvme-subsystem/nvme-subsys2 nvme-subsystem",
      "add@nvme-subsystem/nvme-subsys2/nvme2n1 block DEVNAME=nvme2n1 DEVTYPE=disk",
    ],
  ],
  [
    "5.4",
    [
      `add@${controller} nvme DEVNAME=nvme2 ${way}`,
      "add@nvme-subsystem/nvme-subsys2 nvme-subsystem",
      "add@nvme-subsystem/nvme-subsys2/nvme2n1 block DEVNAME=nvme2n1 DEVTYPE=disk",
    ],
  ],
  [
    "5.10",
    [
      `add@${controller} nvme DEVNAME=nvme2 ${way}`,
      "add@nvme-subsystem/nvme-subsys2 nvme-subsystem",
      `add@${controller}/hwmon2 hwmon`,
      "add@nvme-subsystem/nvme-subsys2/nvme2n1 block DEVNAME=nvme2n1 DEVTYPE=disk",
    ],
  ],
  [
    "6.12",
    [
      `add@${controller} nvme DEVNAME=nvme2 ${wayOfToday}`,
      "add@nvme-subsystem/nvme-subsys2 nvme-subsystem",
      `add@${controller}/hwmon2 hwmon`,
      `change@${controller} nvme NVME_EVENT=connected DEVNAME=nvme2 ${wayOfToday}`,
      "add@nvme-subsystem/nvme-subsys2/nvme2n1 block DEVNAME=nvme2n1 DEVTYPE=disk",
      "add@nvme-subsystem/nvme-subsys2/ng2n1 nvme-generic DEVNAME=ng2n1",
    ],
  ],
];

describe("uevents", () => {
  it.each(connects)("of a connect, on %s", async (kernel, says) => {
    const { heard } = await connected(kernel);
    expect(heard()).toEqual(says);
  });

  it("a controller takes along what hangs on it, and the subsystem last", async () => {
    const { initiator, heard } = await connected("6.12");
    const before = heard().length;
    await run(initiator, ["write", "/sys/class/nvme/nvme2/delete_controller", "1", "ok"]);
    expect(heard(before)).toEqual([
      "remove@nvme-subsystem/nvme-subsys2/ng2n1 nvme-generic DEVNAME=ng2n1",
      "remove@nvme-subsystem/nvme-subsys2/nvme2n1 block DEVNAME=nvme2n1 DEVTYPE=disk",
      `remove@${controller}/hwmon2 hwmon`,
      `remove@${controller} nvme DEVNAME=nvme2 ${wayOfToday}`,
      "remove@nvme-subsystem/nvme-subsys2 nvme-subsystem",
    ]);
  });

  it("before 5.4 a path's hidden disk says that it goes", async () => {
    const { target, heard } = await connected("5.0");
    const before = heard().length;
    await build(target, [["write", `subsystems/${nqnA}/namespaces/1/enable`, "0", "ok"]]);
    await turns();
    expect(heard(before)).toEqual([
      `remove@${controller}/nvme2c1n1 block DEVTYPE=disk`,
      "remove@nvme-subsystem/nvme-subsys2/nvme2n1 block DEVNAME=nvme2n1 DEVTYPE=disk",
    ]);
  });

  it("a connect that is refused leaves an add and a remove", async () => {
    const { target, initiator } = await pair();
    await exportBoth(target);
    const heard = hear(initiator);
    await expect(initiator.do(connectTo("nqn.2024-01.io.x:zzz"), never)).rejects.toMatchObject({ errno: "EIO" });
    expect(heard()).toEqual([
      `add@${controller} nvme DEVNAME=nvme2 ${wayOfToday}`,
      `remove@${controller} nvme DEVNAME=nvme2 ${wayOfToday}`,
    ]);
  });

  it("a discovery controller tells of one change until its log is read, and of itself when it is back", async () => {
    const { target, initiator, clock } = await pair();
    await exportBoth(target);
    await initiator.do(connectTo(discoveryNqn, { keep_alive_tmo: 30 }), never);
    const heard = hear(initiator);
    const relink = async () => {
      await build(target, [["unlink", `ports/1/subsystems/${nqnB}`, "ok"]]);
      await build(target, [["link", `ports/1/subsystems/${nqnB}`, `subsystems/${nqnB}`, "ok"]]);
      await turns();
    };
    await relink();
    const told = `change@${controller} nvme NVME_AEN=0x70f002 DEVNAME=nvme2 ${wayOfToday}`;
    expect(heard()).toEqual([told]);
    await initiator.readDiscoveryLog("nvme2");
    await relink();
    expect(heard()).toEqual([told, told]);
    await build(target, [["unlink", `ports/1/subsystems/${nqnB}`, "ok"]]);
    await build(target, [["unlink", `ports/1/subsystems/${nqnA}`, "ok"]]);
    await build(target, [["link", `ports/1/subsystems/${nqnA}`, `subsystems/${nqnA}`, "ok"]]);
    await turns();
    const before = heard().length;
    await clock.advance(3_000);
    expect(heard(before).map((each) => each.split(" ")[2])).toEqual(["NVME_EVENT=rediscover", "NVME_EVENT=connected"]);
  });
});
