import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { describeLab, say, timed } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import type { ControllerProcess } from "./support/controller-process.ts";
import { Fleet } from "./support/fleet.ts";
import { becomes, healthOf } from "./support/health.ts";
import { VerifiedIo } from "./support/verified-io.ts";

const NQN = "volume-rdma";
const CABLE = "target-initiator";
const isHealthy = ({ state }: { state: string }) => state === "healthy";

/** Over soft RoCE, which makes an RDMA device of any network card. */
describeLab("a volume over RDMA", () => {
  let fleet: Fleet<"target" | "initiator">;
  let target: Machine;
  let initiator: Machine;
  let controller: ControllerProcess;
  let variables: string;
  let io: VerifiedIo;

  beforeAll(async () => {
    fleet = await Fleet.pair("volumes-rdma", inject("kernel"));
    ({ controller } = fleet);
    ({ target, initiator } = fleet.at);
    const interfaces = { target: await target.interfaceIn(CABLE), initiator: await initiator.interfaceIn(CABLE) };
    variables = join(initiator.directory, "variables.json");
    await writeFile(variables, JSON.stringify({ interfaces, address: target.addressTowards(initiator) }));
    await Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine)));
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const play = (name: string, ...options: string[]) =>
    timed(`playbook ${name}`, () =>
      controller.command("run", `test/lab/volumes/${name}.yaml`, "-e", `@${variables}`, ...options),
    );

  it("is made", async () => {
    const { code, stdout } = await play("rdma");
    expect(code, stdout).toBe(0);
    const health = await healthOf(controller, NQN);
    expect(health).toMatchObject({
      state: "healthy",
      paths: [{ transport: "rdma", state: "live", target: "target" }],
    });
    expect(await initiator.output("cat /sys/class/nvme/nvme0/transport")).toBe("rdma");
  });

  it("changes nothing when it is run again, nor in a check", async () => {
    for (const options of [[], ["--check"]]) {
      const { code, stdout } = await play("rdma", ...options);
      expect(code, stdout).toBe(0);
      expect(stdout.match(/^\w+ +: ok=\d+ +changed=0 .*$/gm)).toHaveLength(2);
    }
  });

  it("carries data, waits while its cable is out, and goes on", async () => {
    const [device = ""] = (await healthOf(controller, NQN))?.devices ?? [];
    io = await VerifiedIo.start(initiator, device, NQN);
    await target.setLink(CABLE, false);
    await becomes(controller, NQN, (health) => health.state === "failed", "failed");
    await target.setLink(CABLE, true);
    await becomes(controller, NQN, isHealthy, "healthy");
    await io.anotherRound();
  });

  it("is not taken away on the target while a host is connected, which is named", async () => {
    for (const options of [[], ["--check"]]) {
      const { code, stdout } = await play("rdma-remove", "-l", "targets", ...options);
      expect(code).toBe(2);
      expect(stdout).toContain(`hosts are connected to ${target.addressTowards(initiator)}:4420`);
      expect(stdout).toContain(initiator.addressTowards(target));
    }
    await io.anotherRound();
  });

  it("keeps its target from a reboot", async () => {
    const reboot = await controller.command("exec", "targets", "reboot", "reboot_command=/run/busybox reboot");
    expect(reboot.code).toBe(2);
    expect(reboot.stdout).toContain(`${initiator.addressTowards(target)} to ${target.addressTowards(initiator)}:4420`);
  });

  it("has lost nothing, and is taken down", async () => {
    say(await io.end());
    expect(await initiator.output("dmesg | grep -E 'I/O error|rejecting I/O|identifiers changed' || true")).toBe("");
    for (const options of [["--check"], []]) {
      const { code, stdout } = await play("rdma-remove", ...options);
      expect(code, stdout).toBe(0);
    }
    expect(await initiator.output("ls /sys/class/nvme")).toBe("");
    expect(await target.output("cd /sys/kernel/config/nvmet; ls ports subsystems | grep -v :; true")).toBe("");
  });
}, ["fio", "rdma"]);
