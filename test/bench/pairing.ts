import * as z from "zod";
import { type Benchmark, countOf, optionsOf, say } from "./benchmark.ts";
import { spread as spreadOf, table } from "./figures.ts";
import { bundleProgram, runFresh } from "./fresh-process.ts";

const Figures = z.object({ first: z.number(), again: z.number(), rss: z.number(), grown: z.number() });
type Figure = keyof z.infer<typeof Figures>;

async function run(args: string[]): Promise<void> {
  const values = optionsOf(args, { nodes: { type: "string" }, runs: { type: "string" } });
  const most = countOf("nodes", values.nodes, 10_000);
  const runs = countOf("runs", values.runs, 5);
  const program = await bundleProgram("pairing-process");
  say(`2 volumes for each initiator, 4 drives on each target; medians of ${runs} fresh processes\n`);
  const rows = [["targets x initiators", "first ms", "again ms", "RSS MB", "of it MB"]];
  for (const spread of [false, true]) {
    for (const nodes of [Math.ceil(most / 4), Math.ceil(most / 2), most]) {
      const figures: z.infer<typeof Figures>[] = [];
      for (let time = 0; time < runs; time++) figures.push(Figures.parse(await runFresh(program, { nodes, spread })));
      const shown = (figure: Figure, per: number) =>
        spreadOf(
          figures.map((each) => each[figure] / per),
          0,
        );
      rows.push([
        `${nodes} x ${nodes}${spread ? ", spread over 200 racks" : ""}`,
        shown("first", 1),
        shown("again", 1),
        shown("rss", 1e6),
        shown("grown", 1e6),
      ]);
    }
  }
  say(table(rows));
}

export const pairing: Benchmark = {
  says: "which drive each volume gets, over many targets and initiators",
  usage: `
Options:
  --nodes N  targets, and as many initiators; also a half and a quarter of it; default 10000
  --runs N   fresh processes for each figure; default 5

Example:
  npm run bench -- pairing --nodes 40000 --runs 1
`,
  run,
};
