import type { Deadline } from "../../../shared/clock.ts";
import { FlashfleetError } from "../../../shared/errors.ts";
import { type Command, hasErrno, type System } from "../../system/system.ts";

/** Characters of each stream that are kept: the list of a large distribution's packages fits. */
const mostKept = 16_000_000;

/** What a program came to. */
export interface Ran {
  /** Null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Running {
  system: System;
  deadline: Deadline;
  /** Is given what it prints, as it prints it. */
  progress?: (text: string, stream: "stdout" | "stderr") => void;
}

/**
 * Runs a program of the system with untranslated messages, and gives what it said. Throws `not_found` where the node has no
 * such program, `deadline` where it did not end in time.
 */
export async function runTool(command: Command, { system, deadline, progress }: Running): Promise<Ran> {
  const [program] = command.argv;
  const ran: Ran = { code: null, stdout: "", stderr: "" };
  const environment = { ...command.environment, LC_ALL: "C", LANGUAGE: "C" };
  try {
    for await (const output of system.exec({ ...command, environment }, deadline)) {
      if (output.is === "exit") ran.code = output.code;
      else {
        ran[output.is] = (ran[output.is] + output.text).slice(0, mostKept);
        progress?.(output.text, output.is);
      }
    }
  } catch (error) {
    if (hasErrno(error, "ENOENT")) {
      throw new FlashfleetError("not_found", `cannot run ${program}: this node has no such program`, { cause: error });
    }
    if (hasErrno(error, "ETIMEDOUT")) {
      throw new FlashfleetError("deadline", `cannot finish ${program}: its time is over, and it was ended`, {
        hint: "give the task a longer timeout",
        cause: error,
      });
    }
    throw error;
  }
  return ran;
}
