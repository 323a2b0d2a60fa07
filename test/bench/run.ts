import { type Benchmark, OptionsError, say } from "./benchmark.ts";
import { fanout } from "./fanout/fanout.ts";
import { inventory } from "./inventory.ts";
import { nodes } from "./nodes.ts";
import { pairing } from "./pairing.ts";
import { task } from "./task.ts";

const optionsCode = 5;

const benchmarks: Readonly<Record<string, Benchmark>> = { fanout, inventory, nodes, pairing, task };

function usage(): string {
  const width = Math.max(...Object.keys(benchmarks).map((name) => name.length));
  return `Usage: npm run bench -- NAME [options]

Measures, and prints medians of several fresh processes. Nothing is judged: the budgets stand in docs/performance.md.

Benchmarks:
${Object.entries(benchmarks)
  .map(([name, { says }]) => `  ${name.padEnd(width)}  ${says}`)
  .join("\n")}

Examples:
  npm run bench -- nodes
  npm run bench -- task --help
`;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h") {
    say(usage().trimEnd());
    return name === undefined ? optionsCode : 0;
  }
  const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
  if (benchmark === undefined) {
    process.stderr.write(`there is no benchmark ${name}\n\n${usage()}`);
    return optionsCode;
  }
  if (args.includes("--help") || args.includes("-h")) {
    say(`Usage: npm run bench -- ${name} [options]\n\n${benchmark.usage.trim()}`);
    return 0;
  }
  try {
    await benchmark.run(args);
    return 0;
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    process.stderr.write(
      `${error.message}\n\nUsage: npm run bench -- ${name} [options]\n\n${benchmark.usage.trim()}\n`,
    );
    return optionsCode;
  }
}

process.exitCode = await main(process.argv.slice(2));
