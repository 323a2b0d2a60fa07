import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { kernelVersions } from "../../../agent/system/model/versions.ts";
import { linuxMachine } from "./linux-machine.ts";
import { modelMachine } from "./model-machine.ts";
import { normalise } from "./normalise.ts";
import { perform, programs } from "./programs.ts";
import { compare, linesOf } from "./recording.ts";

const optionsCode = 5;

const usage = `Usage: npm run contract -- --program NAME [options]

Runs one of the programs that probed real kernels, on the model of a kernel or on the kernel that this runs on, and prints
what it saw: lines of the form "T| label | result", in which values that are random by nature are normalised
(test/contract/programs/normalise.ts says how).

Options:
  --program NAME    ${Object.keys(programs).join(", ")}
  --kernel NAME     the model's kernel: ${kernelVersions.join(", ")} (default: 6.12)
  --system NAME     model or linux (default: model); linux needs root and a machine that nobody else uses
  --against FILE    compares with a recording instead, and prints the lines that differ; exit code 1 where there are any
  --help            this text

Examples:
  npm run contract -- --program t1 --kernel 6.12
  npm run contract -- --program t2 --kernel 5.15 --against out-5.15.t2
`;

function parse() {
  const { values } = parseArgs({
    options: {
      program: { type: "string" },
      kernel: { type: "string", default: "6.12" },
      system: { type: "string", default: "model" },
      against: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { program = "", kernel, system, against, help } = values;
  const run = Object.hasOwn(programs, program) ? programs[program] : undefined;
  if (run === undefined && !help)
    throw new Error(`there is no program ${program}: ${Object.keys(programs).join(", ")}`);
  if (!kernelVersions.some((each) => each === kernel))
    throw new Error(`there is no model of Linux ${kernel}: ${kernelVersions.join(", ")}`);
  if (against !== undefined && !existsSync(against)) throw new Error(`there is no recording ${against}`);
  if (system !== "model" && system !== "linux") throw new Error(`there is no system ${system}: model, linux`);
  return { run, kernel, system, against, help };
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
    return optionsCode;
  }
  const { run, against } = asked;
  if (asked.help || run === undefined) {
    say(usage.trimEnd());
    return 0;
  }
  const machine = asked.system === "linux" ? linuxMachine() : modelMachine(asked.kernel);
  const printed: string[] = [];
  const print = (line: string) => {
    if (against === undefined) say(normalise(line));
    printed.push(line);
  };
  if (against === undefined) say(`KERNEL ${machine.release}`);
  await perform(run, machine, print);
  if (against === undefined) return 0;
  const recorded = linesOf(readFileSync(against, "utf8"));
  const differences = compare(recorded, linesOf(printed.join("\n")));
  for (const { label, recorded: was, given } of differences) {
    say(`* ${label}\n     recorded  ${was ?? "(no such line)"}\n     given     ${given ?? "(no such line)"}`);
  }
  say(`${recorded.length} lines recorded, ${printed.length} given, ${differences.length} differ`);
  return differences.length === 0 ? 0 : 1;
}

process.exitCode = await main();
