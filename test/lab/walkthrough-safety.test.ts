import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { describeLab, say, timed } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import type { ControllerProcess } from "./support/controller-process.ts";
import { Fleet } from "./support/fleet.ts";

const PLAYBOOK = "playbooks/data-in-a-flash.yaml";
const REMOVAL = "playbooks/data-in-a-flash-remove.yaml";
const STATE = "sh test/lab/support/kernel-state.sh";
const EXPORTED =
  "ls /sys/kernel/config/nvmet/subsystems /sys/kernel/config/nvmet/ports/*/subsystems 2>/dev/null || true";
const DISK = "cat /sys/block/nvme0n1/wwid; cat /sys/class/nvme/nvme0/state";

describeLab("what keeps data safe on real kernels", () => {
  let fleet: Fleet<"target" | "initiator">;
  let target: Machine;
  let initiator: Machine;
  let controller: ControllerProcess;
  let extra: string;
  const state = () => Promise.all([target.output(STATE), initiator.output(STATE)]);

  beforeAll(async () => {
    fleet = await Fleet.pair("walkthrough-safety", inject("kernel"));
    ({ controller } = fleet);
    ({ target, initiator } = fleet.at);
    extra = `target_address=${target.addressTowards(initiator)}`;
    await Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine)));
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  /** A run that is to fail: its exit code and what it shows. */
  async function refused(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await controller.command("run", ...args, "-e", extra);
    say(stdout.slice(stdout.lastIndexOf("fatal:")).split("\n\n")[0] ?? "");
    expect(code).toBe(2);
    return stdout + stderr;
  }

  it("does not export a drive that is mounted, and says what holds it", async () => {
    await target.output("mke2fs -q /dev/nvme0n1; mkdir -p /mnt/data; modprobe ext4; mount /dev/nvme0n1 /mnt/data");
    const shown = await refused(PLAYBOOK);
    expect(shown).toMatch(/device_in_use|in use/);
    expect(shown).toContain("/dev/nvme0n1");
    expect(shown).toContain("/mnt/data");
    expect(
      await target.output("cat /sys/kernel/config/nvmet/subsystems/*/namespaces/*/enable 2>/dev/null || true"),
    ).toBe("");
    await target.output("umount /mnt/data");
  });

  it("does not export a drive that is mounted in another mount namespace", async () => {
    const hidden = target.start("exec unshare -m sh -c 'mount /dev/nvme0n1 /mnt/data; echo mounted; exec sleep 1000'");
    await hidden.lines.waitFor(/^mounted$/);
    expect(await target.output("cat /proc/self/mountinfo")).not.toContain("/mnt/data");
    expect(await refused(PLAYBOOK)).toMatch(/in use/);
    hidden.signal("KILL");
    await hidden.ended;
  });

  it("exports it once it is free", async () => {
    await controller.output("run", PLAYBOOK, "-e", extra);
    expect(await controller.output("health")).toContain("1 connection: 1 healthy");
  });

  it("does not disconnect a disk that is mounted", async () => {
    await initiator.output("mkdir -p /mnt/data; modprobe ext4; mount /dev/nvme0n1 /mnt/data");
    const shown = await refused(REMOVAL);
    expect(shown).toContain("/mnt/data");
    expect(
      await initiator.output("echo kept > /mnt/data/file; cat /mnt/data/file; cat /sys/class/nvme/nvme0/state"),
    ).toBe("kept\nlive");
    await initiator.output("umount /mnt/data");
  });

  it("does not remove an export while a host is connected, and names the host", async () => {
    const was = await state();
    const shown = await refused(REMOVAL, "-l", "targets");
    expect(shown).toContain(initiator.addressTowards(target));
    expect(await state()).toEqual(was);
  });

  it("changes nothing in the kernel when an agent is killed, and a new agent goes on", async () => {
    const was = await state();
    for (const machine of [target, initiator]) {
      fleet.agent(machine).signal("KILL");
      await fleet.agent(machine).ended;
    }
    expect(await state()).toEqual(was);
    await Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine)));
    const again = await controller.output("run", PLAYBOOK, "-e", extra);
    expect(again.match(/^\w+ +: ok=\d+ +changed=0 .*$/gm)).toHaveLength(2);
    expect(await controller.output("health")).toContain("1 connection: 1 healthy");
    expect(await state()).toEqual(was);
  });

  it("comes back after a reboot of the target, without a controller, with the same disk", async () => {
    const disk = await initiator.output(DISK);
    await fleet.stopController();
    await timed("reset of the target", () => target.reset());
    expect(await target.output(EXPORTED)).toBe("");
    const agent = fleet.launchAgent(target);
    await timed("the agent restores the export", () => agent.lines.waitFor(/restored what the spec says/));
    const live = "until grep -qs live /sys/class/nvme/nvme0/state; do sleep 0.1; done";
    await timed("the path is live again", () => initiator.output(live));
    expect(await initiator.output(DISK)).toBe(disk);
    expect(await initiator.output("dd if=/dev/nvme0n1 bs=4k count=1 iflag=direct status=none | wc -c")).toBe("4096");
  });

  it("is healthy when the controller is back, and a run changes nothing", async () => {
    controller = await fleet.startController();
    await Promise.all(fleet.machines.map((machine) => fleet.welcomed(machine)));
    expect(await controller.output("health")).toContain("1 connection: 1 healthy");
    const again = await controller.output("run", PLAYBOOK, "-e", extra);
    expect(again.match(/^\w+ +: ok=\d+ +changed=0 .*$/gm)).toHaveLength(2);
    await controller.output("run", REMOVAL, "-e", extra);
    expect(await target.output(EXPORTED)).toBe("");
  });
});
