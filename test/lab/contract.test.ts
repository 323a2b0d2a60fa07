import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { type BuildOption, buildOptions, kernelOf } from "../../agent/system/model/versions.ts";
import { rowsFor } from "../contract/row.ts";
import { chapters } from "../contract/rows/all.ts";
import { foreseen, type Outcome } from "../contract/run-rows.ts";
import type { Kernel } from "./kernel.ts";
import { Lab } from "./lab.ts";
import { describeLab, say, timed } from "./lab-test.ts";
import { inTime } from "./lines.ts";

const WITHIN = 9 * 60_000;
/** Runs only the rows whose `title: sentence` it matches. */
const pattern = process.env.FLASHFLEET_LAB_ROWS ?? "";
const MEBIBYTE = 2 ** 20;

/** How each build option stands in a kernel's .config. */
const configLines: Readonly<Record<BuildOption, RegExp>> = {
  auth: /^CONFIG_NVME_TARGET_AUTH=[ym]$/m,
  tls: /^CONFIG_NVME_TARGET_TCP_TLS=[ym]$/m,
  loop: /^CONFIG_NVME_TARGET_LOOP=[ym]$/m,
  passthru: /^CONFIG_NVME_TARGET_PASSTHRU=[ym]$/m,
  p2pdma: /^CONFIG_PCI_P2PDMA=[ym]$/m,
  integrity: /^CONFIG_BLK_DEV_INTEGRITY=[ym]$/m,
  bigRamDisks: /^CONFIG_BLK_DEV_RAM_SIZE=65536$/m,
};

const outcomeLine = z.object({ says: z.string(), gives: z.string(), shows: z.record(z.string(), z.string()) });

async function optionsOf({ directory, version }: Kernel): Promise<BuildOption[]> {
  const config = await readFile(join(directory, "boot", `config-${version}`), "utf8");
  return buildOptions.filter((name) => configLines[name].test(config));
}

describeLab("the contract on a real kernel", () => {
  const version = inject("kernel");
  const { built } = kernelOf(version);
  const here = rowsFor(chapters, { version, built }, pattern).filter(({ rows }) => rows.length > 0);
  const rowsHere = here.flatMap(({ rows }) => rows);
  let lab: Lab;
  let options: BuildOption[];
  let outcomes: Outcome[] = [];

  beforeAll(async () => {
    lab = await Lab.open({ name: `contract-${version}`, kernel: version, note: say });
    options = await optionsOf(lab.kernel);
    const drives = ["A", "B", "C"].map((serial) => ({ size: 64 * MEBIBYTE, serial }));
    const { node } = await timed(`booting Linux ${lab.kernel.version}`, () => lab.boot({ node: { drives } }));
    // As rows call it.
    await node.output("/run/busybox blockdev --setro /dev/nvme2n1");
    await build({
      entryPoints: [fileURLToPath(new URL("support/contract-in-machine.ts", import.meta.url))],
      outfile: join(node.directory, "share/contract.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
    });
    const program = node.node("/run/lab/contract.mjs", [JSON.stringify({ version, built: options }), pattern]);
    const { code, stdout, stderr } = await timed("running the contract", () =>
      inTime(program.ended, WITHIN, "run the contract"),
    );
    outcomes = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => outcomeLine.parse(JSON.parse(line)));
    say(`${outcomes.length} rows on Linux ${lab.kernel.version}`);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  }, WITHIN + 120_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  it("was built as the model believes", () => {
    expect(options).toEqual(buildOptions.filter((name) => built.has(name)));
  });

  for (const { title, rows } of here) {
    describe(title, () => {
      it.each(rows)("$says", (row) => {
        const outcome = outcomes[rowsHere.indexOf(row)];
        expect(outcome).toEqual(foreseen(row, outcome?.gives));
      });
    });
  }
});
