import * as z from "zod";
import { type Benchmark, countOf, optionsOf, say } from "./benchmark.ts";
import { spread, table } from "./figures.ts";
import { bundleProgram, runFresh } from "./fresh-process.ts";

const Figures = z.object({ parse: z.number(), match: z.number(), variables: z.number(), rss: z.number() });

const forms = { YAML: "one YAML file", INI: "one INI file", folder: "YAML, group_vars for each group" } as const;

async function run(args: string[]): Promise<void> {
  const values = optionsOf(args, { hosts: { type: "string" }, groups: { type: "string" }, runs: { type: "string" } });
  const hosts = countOf("hosts", values.hosts, 10_000);
  const groups = countOf("groups", values.groups, 200);
  const runs = countOf("runs", values.runs, 5);
  const program = await bundleProgram("inventory-process");
  say(`${hosts} hosts in ${groups} groups; medians of ${runs} fresh processes\n`);
  const rows = [["", "parse ms", "match ms", "both ms", "all variables ms", "RSS MB"]];
  for (const [form, says] of Object.entries(forms)) {
    const figures: z.infer<typeof Figures>[] = [];
    for (let time = 0; time < runs; time++)
      figures.push(Figures.parse(await runFresh(program, { hosts, groups, form })));
    rows.push([
      says,
      spread(
        figures.map(({ parse: millis }) => millis),
        0,
      ),
      spread(
        figures.map(({ match }) => match),
        0,
      ),
      spread(
        figures.map(({ parse: millis, match }) => millis + match),
        0,
      ),
      spread(
        figures.map(({ variables }) => variables),
        0,
      ),
      spread(
        figures.map(({ rss }) => rss / 1e6),
        0,
      ),
    ]);
  }
  say(table(rows));
}

export const inventory: Benchmark = {
  says: "reading a large inventory, and matching a pattern on it",
  usage: `
Options:
  --hosts N   default 10000
  --groups N  default 200
  --runs N    fresh processes for each figure; default 5

Example:
  npm run bench -- inventory --hosts 60000 --runs 3
`,
  run,
};
