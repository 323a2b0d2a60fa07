import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, inject, it } from "vitest";
import { z } from "zod";
import { Lab } from "./lab.ts";
import { describeLab, say, timed } from "./lab-test.ts";
import { inTime } from "./lines.ts";

const WITHIN = 5 * 60_000;
const MEBIBYTE = 2 ** 20;

const comparison = z.object({ what: z.string(), expected: z.unknown(), got: z.unknown() });

describeLab("the shadow of a node with a real kernel", () => {
  it(
    "is observed as the node is, and on it a check says what the run then does",
    async () => {
      const version = inject("kernel");
      await using lab = await Lab.open({ name: `snapshot-${version}`, kernel: version, note: say });
      const drives = ["A", "B"].map((serial) => ({ size: 64 * MEBIBYTE, serial }));
      const { node } = await timed(`booting Linux ${lab.kernel.version}`, () => lab.boot({ node: { drives } }));
      await node.output(
        "/run/busybox dd if=/dev/zero of=/run/volume.img bs=1M count=8; modprobe loop; losetup /dev/loop3 /run/volume.img; true",
      );
      await build({
        entryPoints: [fileURLToPath(new URL("support/snapshot-in-machine.ts", import.meta.url))],
        outfile: join(node.directory, "share/snapshot.mjs"),
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node20",
      });
      const program = node.node("/run/lab/snapshot.mjs");
      const { code, stdout, stderr } = await timed("checking, doing and comparing", () =>
        inTime(program.ended, WITHIN, "compare the node with its shadow"),
      );
      say(stderr.trim());
      expect(code, stderr).toBe(0);
      const lines = stdout.split("\n").filter(Boolean);
      expect(lines.length).toBeGreaterThan(40);
      for (const line of lines) {
        const { what, expected, got } = comparison.parse(JSON.parse(line));
        expect(got, what).toEqual(expected);
      }
    },
    WITHIN + 120_000,
  );
});
