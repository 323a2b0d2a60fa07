import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { startController } from "../../controller/controller.ts";
import { createLogger } from "../../shared/logger.ts";
import { testEnvironment } from "../support/fleet.ts";
import { type Benchmark, countOf, OptionsError, optionsOf, say } from "./benchmark.ts";
import { median, spread, table } from "./figures.ts";
import { bundleProgram, runFresh } from "./fresh-process.ts";

const memory = z.object({ rss: z.number(), heap: z.number() });
const Figures = z.object({
  millis: z.number(),
  cpu: z.number(),
  before: memory,
  after: memory,
  peak: z.number(),
  alive: z.int(),
});
type Figures = z.infer<typeof Figures>;

/** What "a node" may mean, by the name that --only takes. */
const shapes: Readonly<Record<string, { shape: string; says: string; overNats?: true }>> = {
  made: { shape: "made", says: "model nodes" },
  observed: { shape: "observed", says: "… each read once, as for a report" },
  connected: { shape: "connected", says: "… each with an export and a connection" },
  agents: { shape: "agents", says: "model nodes, each with an agent" },
  "connected-agents": { shape: "connected agents", says: "… with an export, a connection and an agent" },
  nats: { shape: "agents", says: "model nodes, each with an agent on nats-server", overNats: true },
};

const megabyte = 1e6;

async function run(args: string[]): Promise<void> {
  const values = optionsOf(args, {
    nodes: { type: "string" },
    drives: { type: "string" },
    runs: { type: "string" },
    only: { type: "string", multiple: true },
  });
  const nodes = countOf("nodes", values.nodes, 1000);
  const drives = countOf("drives", values.drives, 4);
  const runs = countOf("runs", values.runs, 5);
  const asked = values.only ?? Object.keys(shapes);
  const program = await bundleProgram("nodes-process");
  say(`${nodes} nodes with ${drives} drives each in one process; medians of ${runs} fresh processes\n`);
  const rows = [["", "start s", "CPU s", "RSS MB", "peak MB", "per node: RSS kB", "heap kB", "start ms"]];
  for (const name of asked) {
    const shape = shapes[name];
    if (shape === undefined) throw new OptionsError(`there is no ${name}: ${Object.keys(shapes).join(", ")}`);
    const figures = await measure(program, runs, { shape: shape.shape, nodes, drives }, shape.overNats === true);
    rows.push([shape.says, ...columns(figures, nodes)]);
  }
  say(table(rows));
  say(
    "\nRSS is what the process holds after a collection, its own 50 MB of Node and code included; peak: at its highest.",
  );
}

async function measure(program: string, runs: number, task: object, overNats: boolean): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (let time = 0; time < runs; time++) {
    await using controller = overNats ? await openController() : undefined;
    figures.push(Figures.parse(await runFresh(program, { ...task, server: controller?.server })));
  }
  return figures;
}

function columns(figures: readonly Figures[], nodes: number): string[] {
  const per = (value: (each: Figures) => number, unit: number) =>
    (median(figures.map(value)) / unit / nodes).toFixed(1);
  return [
    spread(
      figures.map(({ millis }) => millis / 1000),
      2,
    ),
    median(figures.map(({ cpu }) => cpu / 1000)).toFixed(2),
    spread(
      figures.map(({ after }) => after.rss / megabyte),
      0,
    ),
    median(figures.map(({ peak }) => peak / megabyte)).toFixed(0),
    per(({ before, after }) => after.rss - before.rss, 1000),
    per(({ before, after }) => after.heap - before.heap, 1000),
    per(({ millis }) => millis, 1),
  ];
}

/** A controller with a nats-server of its own, in this process: its memory is not counted. */
async function openController() {
  const directory = await mkdtemp(join(tmpdir(), "ff-bench-"));
  const controller = await startController({
    data: directory,
    nats: undefined,
    tokenFile: undefined,
    environment: testEnvironment(directory, directory),
    log: createLogger({ name: "controller", level: "warn" }),
    say: () => {},
  });
  const token = (await readFile(join(directory, "nats", "token"), "utf8")).trim();
  return {
    server: { url: controller.url, token },
    [Symbol.asyncDispose]: async () => {
      await controller.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export const nodes: Benchmark = {
  says: "memory and start time of many model nodes in one process, without and with agents",
  usage: `
Options:
  --nodes N     model nodes in the process (default: 1000)
  --drives N    local drives of each (default: 4)
  --runs N      fresh processes for each line (default: 5)
  --only NAME   only this line; may be given more than once: ${Object.keys(shapes).join(", ")}

Examples:
  npm run bench -- nodes
  npm run bench -- nodes --nodes 5000 --only made --only agents
`,
  run,
};
