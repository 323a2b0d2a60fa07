import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { modelMachine } from "../contract/programs/model-machine.ts";
import { perform, programs } from "../contract/programs/programs.ts";
import { compare, linesOf } from "../contract/programs/recording.ts";
import { Lab } from "./lab.ts";
import { describeLab, say, timed } from "./lab-test.ts";
import { inTime } from "./lines.ts";
import type { Machine } from "./machine.ts";

const WITHIN = 300_000;

/** In this order; {@link cleanUp} runs between them. */
const replayed = ["t1", "t4", "t2"] as const;

/** Where this machine, or Node, is not what the recorded programs ran on. */
const ofThisMachine: Readonly<Record<string, { label: RegExp; because: string }[]>> = {
  t1: [
    { label: /attr_firmware/, because: "the firmware revision is the kernel's release, and this one's is another" },
    { label: /^device_path 4096/, because: "libuv writes by itself what is left after a short write" },
  ],
  t2: [
    { label: /attr firmware_rev/, because: "the firmware revision is the kernel's release, and this one's is another" },
    { label: /attr queue_count/, because: "this machine may have one processor, and no more I/O queues than that" },
    { label: /^dmesg #6$/, because: "a race: how often two controllers have tried to reconnect, and which is first" },
    {
      label: /^uevent\[(connect A|unlink A|qid_max|disc persistent: link B)\]/,
      because: "a race: a scan may be done before the connect returns, and an event heard before it is forgotten",
    },
  ],
};

/** Ends the exports that a program left, so that the next one finds no nvmet, and RAM disks of its own making. */
const cleanUp = `
cd /sys/kernel/config/nvmet || exit 0
/run/busybox find . -type l -exec /run/busybox unlink {} ';'
/run/busybox rmdir ports/*/referrals/* ports/*/ana_groups/[2-9]* ports/* subsystems/*/namespaces/* 2>/dev/null
/run/busybox rmdir subsystems/* hosts/* 2>/dev/null
cd / && /run/busybox umount /tmp/jail/sys/kernel/config /tmp/jail/sys 2>/dev/null
for module in brd nvmet_tcp nvme_loop nvmet_fc nvmet_rdma nvmet; do modprobe -r $module 2>/dev/null; done
[ ! -d /sys/module/nvmet ]
`;

async function modelled(program: string, kernel: string): Promise<string> {
  const printed: string[] = [];
  const run = programs[program];
  if (run === undefined) throw new Error(`there is no program ${program}`);
  await perform(run, modelMachine(kernel), (line) => printed.push(line));
  return printed.join("\n");
}

describeLab("recorded programs on a real kernel", () => {
  const version = inject("kernel");
  let lab: Lab;
  let node: Machine;

  beforeAll(async () => {
    lab = await Lab.open({ name: `replay-${version}`, kernel: version, note: say });
    const booted = await timed(`booting Linux ${lab.kernel.version}`, () => lab.boot({ node: {} }));
    node = booted.node;
    await build({
      entryPoints: [fileURLToPath(new URL("support/replay-in-machine.ts", import.meta.url))],
      outfile: join(node.directory, "share/replay.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
    });
  }, 120_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  it.each(replayed)("%s says what it says on the model", async (program) => {
    const started = node.node("/run/lab/replay.mjs", [program]);
    const { code, stdout, stderr } = await timed(`running ${program}`, () =>
      inTime(started.ended, WITHIN, `run ${program}`),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    if (program !== replayed.at(-1)) await node.output(cleanUp);
    const found = compare(linesOf(stdout), linesOf(await modelled(program, version)));
    const explained = ofThisMachine[program] ?? [];
    expect(found.filter(({ label }) => !explained.some((each) => each.label.test(label)))).toEqual([]);
  });
});
