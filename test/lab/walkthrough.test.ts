import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { describeLab, say, timed } from "./lab-test.ts";
import type { Machine } from "./machine.ts";
import type { ControllerProcess } from "./support/controller-process.ts";
import { drive, Fleet } from "./support/fleet.ts";
import { agentMemory, agentMemoryHere, memoryOf, sum, taskTimes, withoutFacts } from "./support/measure.ts";

const PLAYBOOK = "playbooks/data-in-a-flash.yaml";
const REMOVAL = "playbooks/data-in-a-flash-remove.yaml";
const STATE = "sh test/lab/support/kernel-state.sh";
const MEBIBYTE = 2 ** 20;

describeLab("the walkthrough as a playbook", () => {
  let fleet: Fleet<"target" | "initiator">;
  let target: Machine;
  let initiator: Machine;
  let controller: ControllerProcess;
  let address: string;
  let extra: string;
  let before: string[];
  let shellMillis: number;
  const state = () => Promise.all([target.output(STATE), initiator.output(STATE)]);

  beforeAll(async () => {
    fleet = await Fleet.pair("walkthrough", inject("kernel"));
    ({ controller } = fleet);
    ({ target, initiator } = fleet.at);
    address = target.addressTowards(initiator);
    extra = `target_address=${address}`;
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  /** By hand, and taken down again: milliseconds from the first command to the block device. */
  async function byHand(): Promise<number> {
    const began = performance.now();
    await target.output(`sh test/lab/walkthrough/export.sh ${address}`);
    await initiator.output(`sh test/lab/walkthrough/connect.sh ${address}`);
    const millis = performance.now() - began;
    await initiator.output(
      "sh test/lab/walkthrough/disconnect.sh; rm -f /etc/nvme/*; modprobe -r nvme-tcp; modprobe -rq nvme-keyring nvme nvme-auth || true",
    );
    await target.output(
      "sh test/lab/walkthrough/unexport.sh; modprobe -r nvmet-tcp; modprobe -r nvmet; modprobe -rq nvme-keyring || true",
    );
    return millis;
  }

  it("is done by hand first, for comparison, and agents are started", async () => {
    // As systemd does on every machine that has it.
    await Promise.all(
      [target, initiator].map((machine) =>
        machine.output("modprobe configfs; mount -t configfs none /sys/kernel/config"),
      ),
    );
    say(`by hand, the first time: ${(await byHand()).toFixed(0)} ms`);
    shellMillis = await byHand();
    say(`by hand, the second time: ${shellMillis.toFixed(0)} ms`);
    before = await state();
    await timed("agents start", () => Promise.all(fleet.machines.map((machine) => fleet.startAgent(machine))));
    expect(await state()).toEqual(before);
    expect(await controller.output("nodes")).toMatch(/^target +connected .*targets$/m);
  });

  it("exports the drive and connects it", async () => {
    const { code, events } = await controller.run(PLAYBOOK, "-e", extra);
    expect(events.at(-1)).toMatchObject({
      is: "finished",
      outcome: "ok",
      recap: { target: { changed: 3, failed: 0 }, initiator: { changed: 3, failed: 0 } },
    });
    expect(code).toBe(0);
    const times = taskTimes(events);
    const ratio = (millis: number) => `${millis} ms, ${(millis / shellMillis).toFixed(2)} times as long as by hand`;
    say(`the playbook's tasks: ${ratio(withoutFacts(times))}; with the gathering of facts: ${ratio(sum(times))}`);
    for (const { name, millis } of times) say(`  ${String(millis).padStart(6)} ms  ${name}`);
    await target.waitFor(new RegExp(`nvmet_tcp: enabling port 1 \\(${address}:4420\\)`));
  });

  it("shows the drive to the stock tools on the initiator", async () => {
    const seen = /^\/dev\/nvme0n1 .* Linux .* 2\.15 +GB/m;
    expect(await initiator.output("nvme list")).toMatch(seen);
    const list = await controller.output("exec", "initiators", "command", "nvme list");
    expect(list).toMatch(/^initiator \| CHANGED \| rc=0 >>$/m);
    expect(list).toMatch(seen);
    const entry = /trsvcid: 4420\nsubnqn: +nvmet-test\ntraddr: +192\.168\.77\.1\n/;
    const discover = `nvme discover -t tcp -a ${address} -s 4420`;
    expect(await initiator.output(discover)).toMatch(entry);
    expect(await controller.output("exec", "initiators", "command", discover)).toMatch(entry);
  });

  it("carries what is written on the initiator to the target's drive", async () => {
    const data = randomBytes(8 * MEBIBYTE);
    await writeFile(join(initiator.directory, "share", "data"), data);
    const write = "dd if=/run/lab/data of=/dev/nvme0n1 bs=1M seek=16 oflag=direct conv=fsync";
    await timed("writing 8 MiB over the fabric", () => initiator.output(write));
    const read = "dd if=/dev/nvme0n1 bs=1M skip=16 count=8 iflag=direct status=none | sha256sum";
    expect(await target.output(read)).toContain(createHash("sha256").update(data).digest("hex"));
  });

  it("is healthy", async () => {
    const health = await controller.output("health");
    expect(health).toMatch(/^initiator +\/dev\/nvme0n1 +2\.15 GB +1\/1 +target +nvmet-test +healthy$/m);
    expect(health).toContain("1 connection: 1 healthy; 2 nodes");
    expect(await controller.output("nodes")).toMatch(/^target +connected +\d+s ago +1 +0 /m);
    expect(await controller.output("nodes")).toMatch(/^initiator +connected +\d+s ago +0 +1 /m);
  });

  it("is known by its facts: the drive, and that it is exported", async () => {
    const facts = JSON.parse(await controller.output("facts", "target", "-o", "json"));
    expect(facts).toMatchObject({
      node: "target",
      facts: {
        kernel: { release: fleet.lab.kernel.version },
        drives: [{ path: "/dev/nvme0n1", serial: drive.serial, size: drive.size }],
      },
    });
    expect(facts.facts.drives[0].uses).toEqual([
      expect.objectContaining({ says: expect.stringContaining("exported as namespace 1 of subsystem nvmet-test") }),
    ]);
  });

  it("changes nothing when it is run again, and a plan has nothing to do", async () => {
    const was = await state();
    const again = await controller.output("run", PLAYBOOK, "-e", extra);
    expect(again.match(/^\w+ +: ok=\d+ +changed=0 .*$/gm)).toHaveLength(2);
    expect((await controller.command("plan", PLAYBOOK, "-e", extra, "--detailed-exitcode")).code).toBe(0);
    expect(await state()).toEqual(was);
  });

  it("is taken down again and leaves configfs, sysfs and modules as they were", async () => {
    const { code, events } = await controller.run(REMOVAL, "-e", extra);
    expect(events.at(-1)).toMatchObject({ outcome: "ok", recap: { target: { failed: 0 }, initiator: { failed: 0 } } });
    expect(code).toBe(0);
    expect(await state()).toEqual(before);
    const again = await controller.output("run", REMOVAL, "-e", extra);
    expect(again.match(/^\w+ +: ok=\d+ +changed=0 .*$/gm)).toHaveLength(2);
    expect(await state()).toEqual(before);
    expect(await controller.output("health")).toContain("No connections.");
  });

  it("takes little memory", async () => {
    for (const machine of fleet.machines)
      say(`agent on ${machine.name}, after all this: ${await agentMemory(machine)}`);
    const bare = `${process.execPath} -e 'console.log(process.memoryUsage.rss() >> 10, "kB")'`;
    say(`bare node on initiator: ${await initiator.output(bare)}`);
    say(`agent on the host, as it is welcomed: ${await agentMemoryHere(controller)}`);
    say(`controller on the host, after all this: ${await memoryOf(controller)}`);
  });
});
