// The two commands of a fresh checkout: `npm start` and `npm test` (and `npm run lab`). Needs Node, npm and git alone, and
// says what it installs. Plain JavaScript without dependencies: it runs before there are any.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));
const [task = "demo", ...rest] = process.argv.slice(2);
const began = Date.now();

function say(text) {
  process.stdout.write(`${text}\n`);
}

function fail(text, remedy) {
  process.stderr.write(`${text}\n  hint: ${remedy}\n`);
  process.exit(1);
}

/** Runs a program in the checkout and gives its exit code. */
function run(program, args, options = {}) {
  const { status, error, signal } = spawnSync(program, args, { cwd: root, stdio: "inherit", ...options });
  if (error !== undefined) fail(`cannot run ${program}: ${error.message}`, "Node, npm and git have to be on the PATH");
  return status ?? (signal === "SIGINT" ? 99 : 1);
}

const node = (...args) => run(process.execPath, args);
const tool = (name, ...args) => node(fileURLToPath(new URL(`node_modules/${name}`, import.meta.url)), ...args);

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `flashfleet needs Node 20.19 or newer, and this is ${process.versions.node}`,
    "install a newer Node: https://nodejs.org",
  );
}

/** Dependencies as the lock file has them; `npm ci` also bundles the programs. */
function installDependencies() {
  const installed = `${root}node_modules/.package-lock.json`;
  const lock = `${root}package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("Installing dependencies (npm ci)");
  const code = run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    shell: process.platform === "win32",
  });
  if (code !== 0)
    fail("cannot install the dependencies", "npm's message above says why: a proxy or registry is set with npm config");
}

function bundle() {
  if (node("bundle.mjs") !== 0) fail("cannot bundle the programs", "the message above names the file");
}

/** What of the lab belongs to every test run: that the thing itself works on a real kernel. */
const labFiles = ["emulator", "kernel", "lines", "network", "walkthrough"];

const totals = { passed: 0, failed: 0, skipped: 0 };

/** Runs one suite and counts its tests. */
function suite(name, args) {
  say(`\n== ${name}`);
  mkdirSync(`${root}.cache`, { recursive: true });
  const results = `${root}.cache/${name}.json`;
  rmSync(results, { force: true });
  const code = tool(
    "vitest/vitest.mjs",
    "run",
    ...args,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${results}`,
  );
  if (existsSync(results)) {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(results, "utf8"));
    totals.passed += numPassedTests;
    totals.failed += numFailedTests;
    totals.skipped += numPendingTests;
  }
  return code === 0;
}

function test() {
  const steps = [
    () => {
      say("\n== check");
      return run("npm", ["run", "--silent", "check"], { shell: process.platform === "win32" }) === 0;
    },
    () => suite("unit", ["--project", "unit"]),
    () => suite("integration", ["--project", "integration"]),
    // Holding the model against real kernels stands beside it: npm run lab -- contract walks replay snapshot.
    () => suite("lab", ["--config", "test/lab/vitest.config.ts", ...labFiles.map((name) => `test/lab/${name}`)]),
  ];
  let good = true;
  for (const step of steps) good = step() && good;
  say(`\n${Math.round((Date.now() - began) / 1000)} s`);
  say(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return good ? 0 : 1;
}

requireNode();
installDependencies();
bundle();
if (task === "test") process.exit(test());
else if (task === "lab") process.exit(tool("tsx/dist/cli.mjs", "test/lab/run.ts", ...rest));
else process.exit(node("dist/flashfleet.mjs", task, ...rest));
