import { FlashfleetError, fromErrorData } from "../../shared/errors.ts";
import { type RunHolder, RunStart } from "../api/messages.ts";
import { tell } from "../run/claim.ts";
import { type CommonOptions, type Context, clientOf } from "./context.ts";

export interface WaitOptions {
  /** Wait until no other run works on the nodes: as long as it takes, or so many seconds. */
  wait?: string | true;
}

/**
 * Has the controller start a run and gives its id; undefined where it was still waiting for its nodes when it was told to stop.
 * Throws what the controller says.
 */
export async function startRun(
  context: Context,
  options: CommonOptions & WaitOptions,
  path: string,
  body: object,
): Promise<string | undefined> {
  const { wait } = options;
  const query = wait === undefined ? "" : wait === true ? "?wait=" : `?wait=${encodeURIComponent(wait)}`;
  const client = clientOf(context, options);
  // Without waiting it begins at once, and is cancelled where that is asked for.
  const signal = wait === undefined ? undefined : context.stop;
  try {
    for await (const start of client.lines(`${path}${query}`, RunStart, { body, signal })) {
      if ("run" in start) return start.run;
      if ("error" in start) throw fromErrorData(start.error);
      context.say(waitingFor(start.waits));
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  if (signal?.aborted) return undefined;
  throw new FlashfleetError("controller_unreachable", "cannot start a run: the controller has gone", {
    hint: "give the command again once it is started; flashfleet runs says whether it began",
  });
}

function waitingFor(holders: readonly RunHolder[]): string {
  const runs = holders.flatMap(({ run }) => run ?? []);
  const commands = runs
    .slice(0, 3)
    .map((run) => `  flashfleet attach ${run} shows it, flashfleet cancel ${run} ends it\n`);
  return `waiting: ${holders.map(tell).join("; ")}\n${commands.join("")}`;
}
