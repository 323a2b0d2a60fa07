import * as z from "zod";
import { observe } from "../../agent/observe/observe.ts";
import { reportFocus, reportSections } from "../../agent/report.ts";
import { startAgents, startAgentsHere } from "./agents.ts";
import { connectRing, type FleetNode, makeFleet } from "./model-fleet.ts";

/** What a process is asked to start. */
const Task = z.object({
  shape: z.enum(["made", "observed", "connected", "agents", "connected agents"]),
  nodes: z.int(),
  drives: z.int(),
  server: z.object({ url: z.string(), token: z.string() }).optional(),
});

/** Bytes that this process has in memory, when all that is garbage is gone. */
async function settledMemory(): Promise<{ rss: number; heap: number }> {
  for (let time = 0; time < 4; time++) {
    global.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed };
}

async function start({ shape, nodes, drives, server }: z.infer<typeof Task>): Promise<FleetNode[]> {
  const fleet = makeFleet(nodes, drives);
  if (shape === "observed") for (const { system } of fleet) await observe(system, reportSections, reportFocus);
  if (shape.startsWith("connected")) await connectRing(fleet);
  if (shape.endsWith("agents")) await (server === undefined ? startAgentsHere(fleet) : startAgents(fleet, server));
  return fleet;
}

const before = await settledMemory();
const task = Task.parse(JSON.parse(process.argv[2] ?? ""));
const began = performance.now();
const idle = process.cpuUsage();
const fleet = await start(task);
const millis = performance.now() - began;
const used = process.cpuUsage(idle);
const after = await settledMemory();
const peak = process.resourceUsage().maxRSS * 1024;
// Looked at once more: nothing of it may have been collected.
const alive = (await Promise.all(fleet.map(({ system }) => system.list("/sys/class/block")))).flat().length;
process.stdout.write(JSON.stringify({ millis, cpu: (used.user + used.system) / 1000, before, after, peak, alive }));
process.exit(0);
