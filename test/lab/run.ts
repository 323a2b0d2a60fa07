import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as z from "zod";
import { whyNoLab } from "./requirements.ts";

const KERNELS = ["6.12", "6.1"] as const;
const OPTIONS_CODE = 5;

const usage = `Usage: npm run lab -- [options] [name…]

Boots virtual machines with a real kernel (Debian's, emulated: no KVM, no root) and runs the lab's tests in them: the
walkthrough as a playbook, open and locked, what keeps data safe, volumes of pair plays whose paths, targets and keys change
while fio writes, and the lab's own machinery. A name picks the files that have it in theirs.

Options:
  --kernel SERIES   ${KERNELS.join(" or ")} (default: ${KERNELS[0]}); 6.1 lacks in-band authentication
  --all-kernels     one series after the other
  --help            this text

Examples:
  npm run lab
  npm run lab -- --kernel 6.1
  npm run lab -- walkthrough-locked
  npm run lab -- volumes                             needs fio
  FLASHFLEET_LAB_WALKS=20000 npm run lab -- walks    more random operations than 2,000

Kernels and logs of the last run (consoles, agents) lie in .cache/lab.
`;

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kernel: { type: "string" },
      "all-kernels": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const asked = values["all-kernels"] ? KERNELS : [values.kernel ?? KERNELS[0]];
  const kernels = asked.map((each) => KERNELS.find((known) => known === each));
  if (kernels.includes(undefined)) throw new Error(`there is no kernel ${values.kernel} here: ${KERNELS.join(", ")}`);
  return { kernels: kernels.filter((each) => each !== undefined), help: values.help, names: positionals };
}

/** All lab tests with one kernel, each with its time; true where all passed. */
async function runSuite(kernel: string, names: readonly string[]): Promise<boolean> {
  say(`\nThe lab on Linux ${kernel}: each test with its time; machines take about ten seconds to boot\n`);
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
  const config = fileURLToPath(new URL("vitest.config.ts", import.meta.url));
  const files = names.length === 0 ? ["test/lab"] : names.map((name) => `test/lab/${name}`);
  const results = fileURLToPath(new URL(`../../.cache/lab-${kernel}.json`, import.meta.url));
  await rm(results, { force: true });
  const report = ["--reporter=verbose", "--reporter=json", `--outputFile.json=${results}`];
  const args = [vitest, "run", "--config", config, ...report, ...files];
  const env = { ...process.env, FLASHFLEET_LAB_KERNEL: kernel };
  const child = spawn(process.execPath, args, { stdio: "inherit", env });
  const [code] = await once(child, "exit");
  await addCounts(results);
  return code === 0;
}

const Counts = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });
const totals = { passed: 0, failed: 0, skipped: 0 };

async function addCounts(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const counts = Counts.parse(JSON.parse(text));
  totals.passed += counts.numPassedTests;
  totals.failed += counts.numFailedTests;
  totals.skipped += counts.numPendingTests;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  let asked: ReturnType<typeof parse>;
  try {
    asked = parse();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return OPTIONS_CODE;
  }
  if (asked.help) {
    say(usage.trimEnd());
    return 0;
  }
  const lacking = whyNoLab();
  if (lacking !== undefined) {
    process.stderr.write(`cannot run the lab: ${lacking}\n`);
    return 1;
  }
  const began = performance.now();
  let good = true;
  for (const kernel of asked.kernels) good = (await runSuite(kernel, asked.names)) && good;
  const seconds = Math.round((performance.now() - began) / 1000);
  say(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  say(`The lab ${good ? "passed" : "FAILED"} on Linux ${asked.kernels.join(" and ")} in ${seconds} s`);
  return good ? 0 : 1;
}

process.exitCode = await main();
