import { execFile } from "node:child_process";
import type { Millis } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";

const LARGEST_OUTPUT = 64 * 1024 * 1024;

interface Options {
  within: Millis;
  directory?: string;
}

/** As {@link hostBytes}, for text. */
export async function hostCommand(argv: readonly [string, ...string[]], options: Options): Promise<string> {
  return (await hostBytes(argv, options)).toString();
}

/**
 * Runs a program of this machine and gives its standard output.
 * @throws {FlashfleetError} `command_failed` with the end of its standard error, also when it takes longer than `within`.
 */
export function hostBytes(argv: readonly [string, ...string[]], options: Options): Promise<Buffer> {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const settings = {
      cwd: options.directory,
      timeout: options.within,
      maxBuffer: LARGEST_OUTPUT,
      encoding: "buffer",
    } as const;
    execFile(program, args, settings, (cause, stdout, stderr) => {
      if (cause === null) return resolve(stdout);
      const reason = cause.killed
        ? `it took longer than ${options.within} ms`
        : stderr.toString().trim().slice(-2000) || cause.message;
      reject(new FlashfleetError("command_failed", `cannot run ${argv.join(" ")}: ${reason}`, { cause }));
    });
  });
}
