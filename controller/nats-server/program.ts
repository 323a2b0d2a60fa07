import { execFile } from "node:child_process";
import type { Millis } from "../../shared/clock.ts";

export interface Ran {
  /** undefined: it could not be started, or a signal or the deadline ended it. */
  code: number | undefined;
  /** What it wrote to stdout and stderr. */
  output: string;
}

export type RunProgram = (program: string, args: readonly string[], timeout?: Millis, cwd?: string) => Promise<Ran>;

/** Runs a short program without a shell. Never rejects: why it failed is in the output. */
export const runProgram: RunProgram = (program, args, timeout = 10_000, cwd = undefined) =>
  new Promise((resolve) => {
    execFile(program, args, { timeout, cwd, encoding: "utf8" }, (error, stdout, stderr) => {
      const output = stdout + stderr;
      if (error === null) resolve({ code: 0, output });
      else resolve({ code: typeof error.code === "number" ? error.code : undefined, output: output || error.message });
    });
  });
