import { type ChildProcess, spawn } from "node:child_process";
import { type Clock, type Deadline, left, type Millis } from "../../../shared/clock.ts";
import { SystemError } from "../system.ts";
import { toSystemError } from "./errno.ts";
import type { Environment } from "./tools.ts";

/** How long a killed child may take to be gone; one in D state is never. */
const killGrace: Millis = 250;
/** Messages longer than this are cut: nobody reads them. */
const mostText = 8192;

export interface ChildJob {
  argv: readonly [string, ...string[]];
  /** What the op is called in errors, and what it works on. */
  doing: string;
  path: string;
  /** Goes to the child in one write. Secrets go here, never into argv. */
  stdin?: Buffer;
  /** A descriptor that becomes the child's stdout; its own copy stays with the caller. */
  stdout?: number;
  deadline: Deadline;
}

export interface ChildResult {
  /** 0: it worked. Null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export type RunChild = (job: ChildJob) => Promise<ChildResult>;

/**
 * Runs a short program to its end. Past its deadline it is killed; if even that does not end it, it is left behind, and the
 * op is ETIMEDOUT either way. A program that does not exist is ENOSYS: ENOENT would read as a missing path.
 */
export function createRunChild(clock: Clock, environment: Environment): RunChild {
  return (job) =>
    new Promise((resolve, reject) => {
      const [program, ...rest] = job.argv;
      const child = spawn(program, rest, {
        stdio: [job.stdin === undefined ? "ignore" : "pipe", job.stdout ?? "pipe", "pipe"],
        env: { ...environment },
      });
      const stdout = collect(child.stdout);
      const stderr = collect(child.stderr);
      let late = false;
      let grace: NodeJS.Timeout | undefined;
      const timer = setTimeout(
        () => {
          late = true;
          child.kill("SIGKILL");
          grace = setTimeout(() => {
            leaveBehind(child);
            reject(timedOut(job, `process ${child.pid} hangs in the kernel and was left behind`));
          }, killGrace);
        },
        left(clock, job.deadline),
      );
      const settle = () => {
        clearTimeout(timer);
        clearTimeout(grace);
      };
      child.on("error", (error) => {
        settle();
        const { errno } = toSystemError(error, job.doing, job.path);
        const detail = `cannot run ${program}`;
        reject(new SystemError(errno === "ENOENT" ? "ENOSYS" : errno, job.path, job.doing, { cause: error, detail }));
      });
      child.on("close", (code) => {
        settle();
        if (late) reject(timedOut(job));
        else resolve({ code, stdout: stdout(), stderr: stderr() });
      });
      // A child that ends without reading says why on stderr.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(job.stdin);
    });
}

/** The text of a stream so far. */
function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (part: string) => {
    if (text.length < mostText) text += part;
  });
  return () => text;
}

/** So that neither the process nor its pipes keep this one alive. */
function leaveBehind(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) stream?.destroy();
}

function timedOut(job: ChildJob, detail = "it was killed at its deadline"): SystemError {
  return new SystemError("ETIMEDOUT", job.path, job.doing, { detail });
}
