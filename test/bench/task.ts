import * as z from "zod";
import { type Benchmark, countOf, optionsOf, say } from "./benchmark.ts";
import { spread, table } from "./figures.ts";
import { bundleProgram, runFresh } from "./fresh-process.ts";

const Counts = z.record(z.string(), z.number());
const Rows = z.array(z.object({ says: z.string(), changed: Counts, ok: Counts }));

const total = (counts: z.infer<typeof Counts>) => Object.values(counts).reduce((sum, each) => sum + each, 0);

function shown(counts: z.infer<typeof Counts>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return parts.join(", ");
}

async function run(args: string[]): Promise<void> {
  const values = optionsOf(args, {
    nodes: { type: "string" },
    drives: { type: "string" },
    rounds: { type: "string" },
    runs: { type: "string" },
  });
  const nodes = countOf("nodes", values.nodes, 50);
  const drives = countOf("drives", values.drives, 4);
  const runs = countOf("runs", values.runs, 5);
  const rounds = countOf("rounds", values.rounds, 5);
  const program = await bundleProgram("task-process");
  const rows = Rows.parse(await runFresh(program, { what: "operations", nodes, drives, rounds }));
  say(`Operations of the system, from the order to its reply, on a model node with ${drives} drives:\n`);
  say(
    table([
      ["task", "changed", "ok", ""],
      ...rows.map(({ says, changed, ok }) => [says, String(total(changed)), String(total(ok)), shown(changed)]),
    ]),
  );
  const millis: number[] = [];
  for (let time = 0; time < runs; time++) {
    millis.push(z.number().parse(await runFresh(program, { what: "cpu", nodes, drives, rounds })));
  }
  const each = spread(millis, 2);
  say(`\nCPU of one task that has nothing to do, its order included: ${each} ms; median of ${runs} fresh processes,`);
  say(
    `each with ${nodes} nodes with an export and a connection, and their agents, ${rounds} rounds of ${rows.length} tasks.`,
  );
}

export const task: Benchmark = {
  says: "what a task costs an agent: operations of the system, and CPU",
  usage: `
Options:
  --nodes N    model nodes with agents, for the CPU (default: 50)
  --drives N   local drives of each (default: 4)
  --rounds N   how often each task is done, for the CPU (default: 5)
  --runs N     fresh processes, for the CPU (default: 5)

Examples:
  npm run bench -- task
  npm run bench -- task --drives 24 --runs 3
`,
  run,
};
