import { FlashfleetError } from "../../shared/errors.ts";
import { hasErrno } from "../system/system.ts";
import type { Action } from "./action.ts";
import { exists } from "./exists.ts";
import { splitCommand } from "./split-command.ts";

/** Characters of a program's output that go into the result: the rest was live. */
const keptOutput = 200_000;

/** Runs a program without a shell, with live output; not at all where `creates` is there or `removes` is not. */
export const command: Action<"command"> = async (args, { system, deadline, job, check }) => {
  const [program, ...rest] = args.argv ?? splitCommand(args.cmd ?? "");
  if (program === undefined || program === "") {
    throw new FlashfleetError("bad_argument", "cannot run a command: none is given", { hint: "command: uname -r" });
  }
  if (args.creates !== undefined && (await exists(system, args.creates))) {
    return { outcome: "ok", result: { rc: 0, stdout: `skipped, since ${args.creates} exists`, stderr: "" } };
  }
  if (args.removes !== undefined && !(await exists(system, args.removes))) {
    return { outcome: "ok", result: { rc: 0, stdout: `skipped, since ${args.removes} does not exist`, stderr: "" } };
  }
  if (check) return { outcome: "ok", result: { skipped: true, msg: "a command cannot be predicted" } };
  await job.effect();
  const kept = { stdout: "", stderr: "" };
  let rc: number | null = null;
  let signal: string | null = null;
  try {
    for await (const output of system.exec(
      { argv: [program, ...rest], cwd: args.chdir, stdin: args.stdin },
      deadline,
    )) {
      if (output.is === "exit") ({ code: rc, signal } = output);
      else {
        kept[output.is] = (kept[output.is] + output.text).slice(0, keptOutput);
        job.progress(output.text, output.is);
      }
    }
  } catch (error) {
    if (hasErrno(error, "ENOENT")) {
      throw new FlashfleetError("command_failed", `cannot run ${program}: there is no such program`, {
        hint: "command runs programs, not shell lines: pipes and redirections need sh -c",
        cause: error,
      });
    }
    if (hasErrno(error, "ETIMEDOUT")) {
      throw new FlashfleetError("deadline", `cannot finish ${program}: its time is over, and it was ended`, {
        hint: "give the task a longer timeout",
        cause: error,
      });
    }
    throw error;
  }
  const stdout = kept.stdout.replace(/\r?\n$/, "");
  const stderr = kept.stderr.replace(/\r?\n$/, "");
  const result = {
    cmd: [program, ...rest],
    rc,
    stdout,
    stderr,
    stdout_lines: stdout === "" ? [] : stdout.split(/\r?\n/),
    stderr_lines: stderr === "" ? [] : stderr.split(/\r?\n/),
  };
  if (rc === 0) return { outcome: "changed", result };
  return {
    outcome: "failed",
    result,
    error: {
      code: "command_failed",
      message: `${program} ended with ${rc === null ? `signal ${signal}` : `exit code ${rc}`}`,
    },
  };
};
