import { createHash, randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { Lab } from "./lab.ts";
import { describeLab, say, timed } from "./lab-test.ts";
import type { Machine } from "./machine.ts";

const GIBIBYTE = 2 ** 30;
const MEBIBYTE = 2 ** 20;
const SERIAL = "VB1234-56789";

describeLab("two machines and the walkthrough by hand", () => {
  let lab: Lab;
  let target: Machine;
  let initiator: Machine;

  beforeAll(async () => {
    lab = await Lab.open({ name: "machines", kernel: inject("kernel"), note: say });
    const boot = () => lab.boot({ target: { drives: [{ size: 2 * GIBIBYTE, serial: SERIAL }] }, initiator: {} });
    ({ target, initiator } = await timed(`booting two machines with Linux ${lab.kernel.version}`, boot));
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  it("boots machines that are each their own", async () => {
    expect(await target.output("hostname; uname -r")).toBe(`target\n${lab.kernel.version}`);
    const ids = "cat /etc/machine-id /proc/sys/kernel/random/boot_id";
    expect(await target.output(ids)).not.toBe(await initiator.output(ids));
    expect(await target.output("ls -A /etc/nvme; cat /sys/class/nvme/nvme0/serial")).toBe(SERIAL);
    expect(await initiator.output("ls /sys/class/nvme 2>/dev/null | wc -l")).toBe("0");
    const clock = Number(await target.output("date +%s"));
    expect(Math.abs(clock - Date.now() / 1000)).toBeLessThan(60);
  });

  it("runs programs beside each other, and says how each ended", async () => {
    const waiting = initiator.start("echo waits; exec sleep 1000");
    await waiting.lines.waitFor(/^waits$/);
    expect(await initiator.exec("echo out; echo 'one 'two >&2; exit 3")).toEqual({
      code: 3,
      stdout: "out\n",
      stderr: "one two\n",
    });
    waiting.signal("TERM");
    expect((await waiting.ended).code).toBe(128 + 15);
    const script = "console.log(process.argv[1], process.env.COLOUR, process.cwd())";
    const node = initiator.node("-e", [script, "it's"], { environment: { COLOUR: "a 'b'" } });
    expect(await node.ended).toEqual({ code: 0, stdout: `it's a 'b' ${process.cwd()}\n`, stderr: "" });
    await expect(initiator.exec("sleep 1000", { within: 1000 })).rejects.toMatchObject({ code: "deadline" });
    await expect(initiator.output("echo why >&2; false")).rejects.toThrow(/ended with code 1\nwhy/);
  });

  it("exports a drive, connects it, and carries data", async () => {
    const address = target.addressTowards(initiator);
    await timed("export by shell", () => target.output(`sh test/lab/walkthrough/export.sh ${address}`));
    await target.waitFor(new RegExp(`nvmet_tcp: enabling port 1 \\(${address}:4420\\)`));
    const shown = await timed("discover and connect by shell", () =>
      initiator.output(`sh test/lab/walkthrough/connect.sh ${address}`),
    );
    expect(shown).toMatch(/subnqn: +nvmet-test\n/);
    const device = /^device: (.*)$/m.exec(shown)?.[1];
    expect(await initiator.output(`cat /sys/block/${device?.replace("/dev/", "")}/size`)).toBe(
      String((2 * GIBIBYTE) / 512),
    );
    expect(await initiator.output("nvme list")).toContain(device);

    const data = randomBytes(8 * MEBIBYTE);
    const file = await open(`${initiator.directory}/share/data`, "w");
    await file.writeFile(data);
    await file.close();
    const write = `dd if=/run/lab/data of=${device} bs=1M seek=16 oflag=direct conv=fsync`;
    await timed("writing 8 MiB over the fabric", () => initiator.output(write));
    const sum = createHash("sha256").update(data).digest("hex");
    const read = "dd if=/dev/nvme0n1 bs=1M skip=16 count=8 iflag=direct | sha256sum";
    expect(await target.output(read)).toContain(sum);
  });

  it("takes it all away again", async () => {
    await initiator.output("sh test/lab/walkthrough/disconnect.sh");
    await target.output("sh test/lab/walkthrough/unexport.sh");
    expect(await initiator.output("ls /sys/class/nvme /sys/class/nvme-subsystem")).not.toMatch(/nvme\d|nvme-subsys\d/);
    expect(await target.output("cd /sys/kernel/config/nvmet; ls ports subsystems | grep -v ':'")).toBe("");
  });

  it("loses what was in memory at a reset, and keeps its drive", async () => {
    await target.output("echo here > /etc/here; echo here | dd of=/dev/nvme0n1 oflag=direct conv=sync,fsync");
    const before = await target.output("cat /proc/sys/kernel/random/boot_id");
    await timed("reset", () => target.reset());
    expect(await target.output("cat /proc/sys/kernel/random/boot_id")).not.toBe(before);
    expect(await target.output("ls /etc/here 2>/dev/null; head -c 4 /dev/nvme0n1")).toBe("here");
  });

  it("cuts and mends a link", async () => {
    const carrier = `cat $(dirname $(grep -l ${target.links[0]?.mac} /sys/class/net/*/address))/carrier`;
    expect(await target.output(carrier)).toBe("1");
    await target.setLink("target-initiator", false);
    expect(await target.output(carrier)).toBe("0");
    await target.setLink("target-initiator", true);
    expect(await target.output(`/run/busybox ping -c 1 -w 10 ${initiator.addressTowards(target)}`)).toContain(
      " 0% packet loss",
    );
  });

  it("pulls a drive out", async () => {
    await target.removeDrive(SERIAL);
    expect(await target.output("ls /sys/class/nvme")).toBe("");
  });

  it("powers off", async () => {
    await timed("powering off", () => Promise.all([target.powerOff(), initiator.powerOff()]));
    await expect(target.exec("true")).rejects.toMatchObject({ code: "interrupted" });
  });
});
