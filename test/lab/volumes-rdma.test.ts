import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { describeLab, say } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import type { ControllerProcess } from "./support/controller-process.ts";
import { Fleet } from "./support/fleet.ts";
import { healthOf } from "./support/health.ts";
import { PairPlays } from "./support/pair-play.ts";
import { VerifiedIo } from "./support/verified-io.ts";
import { volumeBecomes, volumeOf, volumesOf } from "./support/volumes.ts";

const CABLE = "target-initiator";
const VOLUME = "initiator/remote";
const remote = { name: "remote", size: "1GB" };

/** Over soft RoCE, which makes an RDMA device of any network card. */
describeLab("a volume over RDMA", () => {
  let fleet: Fleet<"target" | "initiator">;
  let target: Machine;
  let initiator: Machine;
  let controller: ControllerProcess;
  let plays: PairPlays;
  let io: VerifiedIo;

  beforeAll(async () => {
    fleet = await Fleet.pair("volumes-rdma", inject("kernel"));
    ({ controller } = fleet);
    ({ target, initiator } = fleet.at);
    plays = new PairPlays(controller, initiator.directory);
    await Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine)));
    const interfaces = { target: await target.interfaceIn(CABLE), initiator: await initiator.interfaceIn(CABLE) };
    const variables = join(initiator.directory, "variables.json");
    await writeFile(variables, JSON.stringify({ interfaces }));
    await controller.output("run", "test/lab/volumes/rdma-devices.yaml", "-e", `@${variables}`);
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const play = (name: string, volume: Readonly<Record<string, unknown>>, ...options: string[]) => {
    const fields = { transport: "rdma", addresses: "192.168.77.0/24", connect: { reconnect_delay: 2 } };
    return plays.run(name, { ...fields, volumes: [volume] }, ...options);
  };
  const absent = { ...remote, state: "absent" };

  it("is made", async () => {
    const { code, stdout } = await play("make", remote);
    expect(code, stdout).toBe(0);
    const { nqn, state } = await volumeOf(controller, VOLUME);
    expect(state).toBe("healthy");
    expect(await healthOf(controller, nqn)).toMatchObject({
      state: "healthy",
      paths: [{ transport: "rdma", state: "live", target: "target" }],
    });
    expect(await initiator.output("cat /sys/class/nvme/nvme0/transport")).toBe("rdma");
  });

  it("changes nothing when it is run again, nor in a check", async () => {
    for (const options of [[], ["--check"]]) {
      const { code, stdout } = await play("make again", remote, ...options);
      expect(code, stdout).toBe(0);
      expect(stdout).toMatch(/^initiator +: ok=\d+ +changed=0 /m);
    }
  });

  it("carries data, waits while its cable is out, and goes on", async () => {
    const { nqn } = await volumeOf(controller, VOLUME);
    const [device = ""] = (await healthOf(controller, nqn))?.devices ?? [];
    io = await VerifiedIo.start(initiator, device, "remote");
    await target.setLink(CABLE, false);
    await volumeBecomes(controller, VOLUME, "failed");
    await target.setLink(CABLE, true);
    await volumeBecomes(controller, VOLUME, "healthy");
    await io.anotherRound();
  });

  it("is not taken away on the target while a host is connected, which is named", async () => {
    for (const options of [[], ["--check"]]) {
      // As if the initiator would never come back.
      const { code, stdout } = await play("abandon the initiator", absent, "--abandon", "initiator", ...options);
      expect(code, stdout).toBe(2);
      expect(stdout).toContain(`hosts are connected to ${target.addressTowards(initiator)}:4421`);
      expect(stdout).toContain(initiator.addressTowards(target));
    }
    expect(await volumeOf(controller, VOLUME)).toMatchObject({ state: "healthy" });
    await io.anotherRound();
  });

  it("keeps its target from a reboot", async () => {
    const reboot = await controller.command("exec", "targets", "reboot", "reboot_command=/run/busybox reboot");
    expect(reboot.code).toBe(2);
    expect(reboot.stdout).toContain(`${initiator.addressTowards(target)} to ${target.addressTowards(initiator)}:4421`);
  });

  it("has lost nothing, and is taken down", async () => {
    say(await io.end());
    expect(await initiator.output("dmesg | grep -E 'I/O error|rejecting I/O|identifiers changed' || true")).toBe("");
    for (const options of [["--check"], []]) {
      const { code, stdout } = await play("remove", absent, ...options);
      expect(code, stdout).toBe(0);
    }
    expect(await volumesOf(controller)).toEqual([]);
    expect(await initiator.output("ls /sys/class/nvme")).toBe("");
    expect(await target.output("cd /sys/kernel/config/nvmet; ls ports subsystems | grep -v :; true")).toBe("");
  });
}, ["fio", "rdma"]);
