import { left } from "../../../shared/clock.ts";
import { type Command, type Output, SystemError } from "../system.ts";
import type { Machine } from "./machine.ts";
import { rdma } from "./rdma-program.ts";
import { dd } from "./storage/dd.ts";
import { diskPrograms } from "./storage/disk-programs.ts";
import { mountPrograms } from "./storage/mount-programs.ts";
import type { StorageProgram } from "./storage/storage-program.ts";

/** What the few programs of a model node can look at. */
export interface ProgramContext {
  environment?: Command["environment"];
  machine: Machine;
  /** Shuts the machine down and boots it again, a moment later. */
  reboot(): void;
  read(path: string): Promise<string>;
  list(path: string): Promise<string[]>;
}

interface Result {
  stdout?: string;
  stderr?: string;
  code: number;
}

type Program = (args: string[], context: ProgramContext, stdin: string, deadline: number) => Result | Promise<Result>;

const onMachine =
  (program: StorageProgram): Program =>
  (args, { machine }) =>
    program(args, machine);
const storage = { ...diskPrograms, ...mountPrograms };

const programs: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(Object.entries(storage).map(([name, program]) => [name, onMachine(program)])),
  dd: (args, { machine }, _, deadline) => dd(args, machine, deadline),
  rdma: (args, { machine }) => rdma(args, machine),
  true: () => ({ code: 0 }),
  false: () => ({ code: 1 }),
  echo: (args) => ({ stdout: `${args.join(" ")}\n`, code: 0 }),
  dmesg: (_, { machine: { log } }) => ({
    stdout: log
      .lines()
      .map((line) => `${line}\n`)
      .join(""),
    code: 0,
  }),
  printenv: ([name = ""], { environment = {} }) => {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    return value === undefined ? { code: 1 } : { stdout: `${value}\n`, code: 0 };
  },
  hostname: (_, { machine: { hostname } }) => ({ stdout: `${hostname}\n`, code: 0 }),
  uname: (args, { machine: { kernel } }) => ({
    stdout: args.includes("-r") ? `${kernel.release}\n` : "Linux\n",
    code: 0,
  }),
  cat: (args, context, stdin) =>
    args.length === 0 ? { stdout: stdin, code: 0 } : overPaths("cat", args, (path) => context.read(path)),
  ls: (args, context) =>
    overPaths("ls", args.length === 0 ? ["/"] : args, async (path) =>
      (await context.list(path)).map((name) => `${name}\n`).join(""),
    ),
  sleep: async ([seconds = "0"], { machine: { clock } }, _, deadline) => {
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
  { argv, stdin, environment }: Command,
  deadline: number,
  context: ProgramContext,
): AsyncIterable<Output> {
  const [path, ...args] = argv;
  const name = path.replace(/^\/(usr\/)?s?bin\//, "");
  const isThere = Object.hasOwn(programs, name) && !context.machine.programsMissing.has(name);
  const program = isReboot(name, args) ? rebooting : isThere ? programs[name] : undefined;
  if (program === undefined) throw new SystemError("ENOENT", path, "run");
  const input = stdin === undefined || typeof stdin === "string" ? (stdin ?? "") : stdin.reveal();
  const { stdout, stderr, code } = await program(args, { ...context, environment }, input, deadline);
  if (stdout) yield { is: "stdout", text: stdout };
  if (stderr) yield { is: "stderr", text: stderr };
  yield { is: "exit", code, signal: null };
}

function isReboot(name: string, args: readonly string[]): boolean {
  if (name === "shutdown") return args.includes("-r");
  return name === "reboot" || (name === "systemctl" && args[0] === "reboot");
}

const rebooting: Program = (_, { reboot }) => {
  reboot();
  return { code: 0 };
};
