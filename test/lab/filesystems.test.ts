import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { describeLab, timed } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import type { ControllerProcess } from "./support/controller-process.ts";
import { Fleet } from "./support/fleet.ts";

const EXPORT = "playbooks/data-in-a-flash.yaml";
/** Where the initiator keeps its fstab: what lies elsewhere on it is lost at a boot. */
const FSTAB = "/run/lab/fstab";
const MOUNT = `mount: { path: /srv/data, src: "{{ connection.path }}", fstype: ext4, state: mounted, fstab: ${FSTAB} }`;

describeLab("file systems on a connection", () => {
  let fleet: Fleet<"target" | "initiator">;
  let target: Machine;
  let initiator: Machine;
  let controller: ControllerProcess;
  let address: string;
  let uuid: string;

  beforeAll(async () => {
    fleet = await Fleet.pair("filesystems", inject("kernel"));
    ({ controller } = fleet);
    ({ target, initiator } = fleet.at);
    address = target.addressTowards(initiator);
    const configfs = "modprobe configfs; mount -t configfs none /sys/kernel/config";
    await target.output(configfs);
    await Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine)));
    await controller.output("run", EXPORT, "-e", `target_address=${address}`);
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  /** Plays tasks on the initiator, behind the connection, which is there. */
  async function play(name: string, tasks: readonly string[], ...options: string[]) {
    const connection = `nvme_connection: { nqn: nvmet-test, paths: [{ address: ${address} }] }\n      register: connection`;
    const lines = [connection, ...tasks].map((task) => `    - ${task}\n`).join("");
    const path = join(initiator.directory, `${name}.yaml`);
    await writeFile(path, `- hosts: initiators\n  gather_facts: false\n  tasks:\n${lines}`);
    return controller.run(path, ...options);
  }

  const resultsOf = ({ events }: Awaited<ReturnType<ControllerProcess["run"]>>) =>
    events.flatMap((event) => (event.is === "results" ? event.results : []));
  const lastOf = (run: Awaited<ReturnType<ControllerProcess["run"]>>) => resultsOf(run).at(-1);

  it("are foretold by a check, made, and mounted by their uuid; a second time changes nothing", async () => {
    const tasks = ['filesystem: { dev: "{{ connection.path }}", fstype: ext4 }', MOUNT];
    const outcomes = (run: Awaited<ReturnType<typeof play>>) => resultsOf(run).map(({ outcome }) => outcome);
    expect(outcomes(await play("filesystem", tasks, "--check"))).toEqual(["ok", "changed", "changed"]);
    expect(await initiator.output("wipefs /dev/nvme0n1; cat /proc/mounts")).not.toMatch(/ext4|srv/);
    const first = await timed("make and mount", () => play("filesystem", tasks));
    expect(outcomes(first)).toEqual(["ok", "changed", "changed"]);
    const made = resultsOf(first)[1]?.result;
    expect(made).toMatchObject({ fstype: "ext4", before: [] });
    uuid = await initiator.output("blkid -o value -s UUID /dev/nvme0n1");
    expect(made).toMatchObject({ uuid });
    expect(lastOf(first)?.result).toMatchObject({ src: `UUID=${uuid}`, mounted: true, device: "/dev/nvme0n1" });
    expect(await initiator.output(`cat ${FSTAB}`)).toBe(`UUID=${uuid} /srv/data ext4 defaults,_netdev,nofail 0 0`);
    expect(await initiator.output("grep /srv/data /proc/mounts")).toMatch(/^\/dev\/nvme0n1 \/srv\/data ext4 rw,/);
    for (const options of [[], ["--check"]]) {
      expect(outcomes(await play("filesystem", tasks, ...options))).toEqual(["ok", "ok", "ok"]);
    }
    await initiator.output("echo kept > /srv/data/file; sync");
  });

  it("are not written over while they are mounted, nor while they are exported, by force neither", async () => {
    const force = ["dev=/dev/nvme0n1", "fstype=ext3", "force=true"];
    for (const check of [[], ["--check"]]) {
      const other = await controller.command("exec", "initiators", "filesystem", ...force, ...check);
      expect(other.code).toBe(2);
      expect(other.stdout).toContain("mounted at /srv/data");
    }
    const below = await controller.command("exec", "targets", "filesystem", ...force);
    expect(below.stdout).toContain("exported as namespace 1 of subsystem nvmet-test");
    const again = ["path=/mnt", "src=/dev/nvme0n1", "fstype=ext4", "state=ephemeral"];
    const twice = await controller.command("exec", "targets", "mount", ...again);
    expect(twice.stdout).toContain("exported as namespace 1 of subsystem nvmet-test");
    expect(await initiator.output("cat /srv/data/file")).toBe("kept");
  });

  it("are not unmounted while a program works in them, and the program is named", async () => {
    const working = initiator.start("cd /srv/data; echo works; exec sleep 1000");
    await working.lines.waitFor(/^works$/);
    const busy = await controller.command("exec", "initiators", "mount", "path=/srv/data", "state=unmounted");
    expect(busy.code).toBe(2);
    expect(busy.stdout).toMatch(/it is busy: process \d+ \(sleep\) works in \/srv\/data/);
    working.signal("TERM");
    await working.ended;
    expect(await initiator.output("cat /srv/data/file")).toBe("kept");
  });

  it("are mounted again after a reboot that the controller orders and waits for", async () => {
    const before = await initiator.output("cat /proc/sys/kernel/random/boot_id");
    const path = join(initiator.directory, "reboot.yaml");
    const reboot = `reboot: { reboot_command: /run/busybox reboot, test_command: test -e /dev/nvme0n1 }`;
    await writeFile(path, `- hosts: initiators\n  gather_facts: false\n  tasks:\n    - ${reboot}\n`);
    const back = initiator.comeBack();
    const running = controller.run(path);
    await timed("the machine boots", () => back);
    fleet.launchAgent(initiator);
    const run = await timed("and has its connection again", () => running);
    expect(lastOf(run)).toMatchObject({ outcome: "changed", result: { rebooted: true } });
    expect(run.code).toBe(0);
    expect(await initiator.output("cat /proc/sys/kernel/random/boot_id")).not.toBe(before);
    const again = await play("mount", [MOUNT]);
    expect(resultsOf(again).map(({ outcome }) => outcome)).toEqual(["ok", "changed"]);
    expect(await initiator.output("cat /srv/data/file")).toBe("kept");
  });

  it("keep their target from a reboot while they are connected", async () => {
    const refused = await controller.command("exec", "targets", "reboot", "reboot_command=/run/busybox reboot");
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain(`${initiator.addressTowards(target)} to ${address}:4420`);
  });

  it("go: unmounted, out of fstab, wiped", async () => {
    const gone = await play("gone", [
      `mount: { path: /srv/data, state: absent, fstab: ${FSTAB} }`,
      'filesystem: { dev: "{{ connection.path }}", state: absent }',
    ]);
    expect(resultsOf(gone).map(({ outcome }) => outcome)).toEqual(["ok", "changed", "changed"]);
    expect(await initiator.output(`cat ${FSTAB}; ls /srv; wipefs /dev/nvme0n1`)).toBe("");
  });
});
