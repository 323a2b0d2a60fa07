import * as z from "zod";
import { createLogger } from "../../shared/logger.ts";
import { type Counts, counting } from "./counting-system.ts";
import { Desk } from "./desk.ts";
import { type FleetNode, makeFleet } from "./model-fleet.ts";
import { doTask, exporting, importing, type WalkthroughTask } from "./walkthrough.ts";

/** What a process is asked to measure. */
const Task = z.object({ what: z.enum(["operations", "cpu"]), nodes: z.int(), drives: z.int(), rounds: z.int() });

const log = createLogger({ name: "agents", level: "warn" });

interface Host {
  node: FleetNode;
  desk: Desk;
  counts: Counts;
  tasks: WalkthroughTask[];
}

/** Each node exports a drive, and is connected to the export of the next one. */
async function makeHosts(nodes: number, drives: number): Promise<Host[]> {
  const fleet = makeFleet(nodes, drives);
  const hosts: Host[] = [];
  for (const [index, node] of fleet.entries()) {
    const counts: Counts = {};
    const desk = new Desk(node.name);
    await desk.start(counting(node.system, counts), log);
    const target = fleet[(index + 1) % fleet.length] ?? node;
    hosts.push({ node, desk, counts, tasks: [...exporting(node), ...importing(target)] });
  }
  return hosts;
}

/** Every task of every host, one after the other; the first tasks of all come first. */
async function doAll(hosts: readonly Host[], outcome: "ok" | "changed", after: (host: Host, task: number) => void) {
  const most = Math.max(...hosts.map(({ tasks }) => tasks.length));
  for (let number = 0; number < most; number++) {
    for (const host of hosts) {
      const task = host.tasks[number];
      if (task === undefined) continue;
      for (const name of Object.keys(host.counts)) delete host.counts[name];
      // Of two ends on one node, the second finds what the first has made.
      await doTask(host.desk, task, outcome);
      after(host, number);
    }
  }
}

/** Calls of the system from an order's arrival to its reply, by task: the first time, and when there is nothing to do. */
async function countOperations(drives: number) {
  const hosts = await makeHosts(2, drives);
  const rows = hosts[0]?.tasks.map(({ says }) => ({ says, changed: {}, ok: {} })) ?? [];
  for (const outcome of ["changed", "ok"] as const) {
    await quiet();
    await doAll(hosts, outcome, ({ node, counts }, number) => {
      const row = rows[number];
      if (row !== undefined && node === hosts[0]?.node) row[outcome] = { ...counts };
    });
  }
  return rows;
}

/** Milliseconds of CPU of this process for each task that has nothing to do. */
async function measureCpu(nodes: number, drives: number, rounds: number) {
  const hosts = await makeHosts(nodes, drives);
  await doAll(hosts, "changed", () => {});
  await doAll(hosts, "ok", () => {});
  await quiet();
  const began = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await doAll(hosts, "ok", () => {});
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000 / rounds / hosts.flatMap(({ tasks }) => tasks).length;
}

/** Longer than an agent waits before it looks after what the last orders have left. */
const settleMillis = 3000;

async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, settleMillis));
}

const { what, nodes, drives, rounds } = Task.parse(JSON.parse(process.argv[2] ?? ""));
const result = what === "operations" ? await countOperations(drives) : await measureCpu(nodes, drives, rounds);
process.stdout.write(JSON.stringify(result));
process.exit(0);
