import { type Clock, left } from "../../../shared/clock.ts";
import { type Command, type Output, SystemError } from "../system.ts";

/** What the few programs of a model node can look at. */
export interface ProgramContext {
  clock: Clock;
  hostname: string;
  release: string;
  kernelLog(): readonly string[];
  read(path: string): Promise<string>;
  list(path: string): Promise<string[]>;
}

interface Result {
  stdout?: string;
  stderr?: string;
  code: number;
}

type Program = (args: string[], context: ProgramContext, stdin: string, deadline: number) => Result | Promise<Result>;

const programs: Readonly<Record<string, Program>> = {
  true: () => ({ code: 0 }),
  false: () => ({ code: 1 }),
  echo: (args) => ({ stdout: `${args.join(" ")}\n`, code: 0 }),
  dmesg: (_, { kernelLog }) => ({
    stdout: kernelLog()
      .map((line) => `${line}\n`)
      .join(""),
    code: 0,
  }),
  hostname: (_, { hostname }) => ({ stdout: `${hostname}\n`, code: 0 }),
  uname: (args, { release }) => ({ stdout: args.includes("-r") ? `${release}\n` : "Linux\n", code: 0 }),
  cat: (args, context, stdin) =>
    args.length === 0 ? { stdout: stdin, code: 0 } : overPaths("cat", args, (path) => context.read(path)),
  ls: (args, context) =>
    overPaths("ls", args.length === 0 ? ["/"] : args, async (path) =>
      (await context.list(path)).map((name) => `${name}\n`).join(""),
    ),
  sleep: async ([seconds = "0"], { clock }, _, deadline) => {
    const wanted = Number(seconds) * 1000;
    const most = left(clock, deadline);
    await clock.sleep(Math.min(wanted, most));
    if (wanted > most) throw new SystemError("ETIMEDOUT", "sleep", "run");
    return { code: 0 };
  },
};

async function overPaths(name: string, paths: string[], show: (path: string) => Promise<string>): Promise<Result> {
  const result = { stdout: "", stderr: "", code: 0 };
  for (const path of paths) {
    try {
      result.stdout += await show(path);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      result.stderr += `${name}: ${path}: ${error.errno}\n`;
      result.code = 1;
    }
  }
  return result;
}

/** Runs one of a few programs on the model's own files: nothing ever runs on the machine itself. ENOENT for all others. */
export async function* runProgram(
  { argv, stdin }: Command,
  deadline: number,
  context: ProgramContext,
): AsyncIterable<Output> {
  const [path, ...args] = argv;
  const name = path.replace(/^\/(usr\/)?s?bin\//, "");
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (program === undefined) throw new SystemError("ENOENT", path, "run");
  const input = stdin === undefined || typeof stdin === "string" ? (stdin ?? "") : stdin.reveal();
  const { stdout, stderr, code } = await program(args, context, input, deadline);
  if (stdout) yield { is: "stdout", text: stdout };
  if (stderr) yield { is: "stderr", text: stderr };
  yield { is: "exit", code, signal: null };
}
