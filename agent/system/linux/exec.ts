import { type ChildProcess, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { type Clock, type Deadline, left, type Millis } from "../../../shared/clock.ts";
import { Secret } from "../../../shared/secret.ts";
import { type Command, type Output, SystemError } from "../system.ts";
import { toSystemError } from "./errno.ts";
import { Queue } from "./queue.ts";
import type { Environment } from "./tools.ts";

/** How long its pipes may stay open after a program has ended: what it left in the background may hold them. */
const drain: Millis = 250;

/**
 * Runs a program in a process group of its own and gives what it prints as it prints it; the last output is its exit. At the
 * deadline, or when the reader leaves before the end, the whole group is killed.
 */
export async function* execProgram(
  clock: Clock,
  environment: Environment,
  command: Command,
  deadline: Deadline,
): AsyncGenerator<Output, void, undefined> {
  const [program, ...rest] = command.argv;
  if (command.cwd !== undefined) await mustBeDirectory(command.cwd);
  const child = spawn(program, rest, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...environment, ...command.environment },
    detached: true,
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
  const outputs = new Queue<Output>();
  const timers = follow(child, outputs, program, left(clock, deadline));
  // A program need not read what it is given.
  child.stdin.on("error", () => undefined);
  child.stdin.end(command.stdin instanceof Secret ? command.stdin.reveal() : command.stdin);
  try {
    yield* outputs;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
    child.unref();
    for (const stream of child.stdio) stream?.destroy();
  }
}

/** Forwards what a child does until it has ended or is late. The timers are the caller's to clear. */
function follow(child: ChildProcess, outputs: Queue<Output>, program: string, millis: Millis): Set<NodeJS.Timeout> {
  const timers = new Set<NodeJS.Timeout>();
  let finish = (code: number | null, signal: string | null) => {
    outputs.push({ is: "exit", code, signal });
    outputs.end();
  };
  const late = () => {
    const error = new SystemError("ETIMEDOUT", program, "run", { detail: "it was killed at its deadline" });
    finish = () => outputs.fail(error);
    killGroup(child);
    // In D state it does not even end by that.
    timers.add(setTimeout(() => outputs.fail(error), drain));
  };
  timers.add(setTimeout(late, millis));
  for (const is of ["stdout", "stderr"] as const) {
    child[is]?.setEncoding("utf8");
    child[is]?.on("data", (text: string) => outputs.push({ is, text }));
  }
  child.on("error", (error) => outputs.fail(toSystemError(error, "run", program)));
  child.on("exit", (code, signal) => timers.add(setTimeout(() => finish(code, signal), drain)));
  child.on("close", (code, signal) => finish(code, signal));
  return timers;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group may be gone already.
    child.kill("SIGKILL");
  }
}

/** spawn(2) blames the program with ENOENT for a missing directory. */
async function mustBeDirectory(path: string): Promise<void> {
  const stats = await stat(path).catch((error: unknown) => {
    throw toSystemError(error, "change to", path);
  });
  if (!stats.isDirectory()) throw new SystemError("ENOTDIR", path, "change to");
}
