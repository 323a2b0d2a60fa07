import type { RunRequest } from "../api/messages.ts";
import { RunCreated } from "../api/messages.ts";
import { type RunEvent, RunEvent as RunEventSchema } from "../run/entry.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import { createRunPrinter } from "./render-run.ts";

interface ShowOptions extends CommonOptions {
  diff?: boolean;
  verbose?: boolean;
  /** In a check: 2 where changes are due. */
  detailedExitcode?: boolean;
}

/** Has the controller start a run, shows it until its end, and gives the exit code. */
export async function startAndShow(context: Context, options: ShowOptions, request: RunRequest): Promise<number> {
  const client = clientOf(context, options);
  const { run } = await client.post("/v1/runs", request, RunCreated);
  const json = wantsJson(options);
  const print = createRunPrinter({
    paint: context.paint,
    diff: options.diff ?? false,
    verbose: options.verbose ?? false,
    width: context.width,
  });
  let interrupted = false;
  // The run is the controller's: Ctrl-C stops showing it, and asks for it to be stopped.
  context.stop.addEventListener("abort", () => {
    interrupted = true;
    void client.post(`/v1/runs/${run}/cancel`, {}, RunCreated).catch(() => undefined);
  });
  let code: number = exitCodes.error;
  for await (const event of client.lines(`/v1/runs/${run}/events`, RunEventSchema)) {
    if (json) {
      context.out(`${JSON.stringify(event)}\n`);
      if (event.is === "warning") context.say(print(event));
    } else (event.is === "warning" ? context.say : context.out)(print(event));
    if (event.is === "finished") code = exitCodeOf(event, options);
  }
  return interrupted ? exitCodes.interrupted : code;
}

function exitCodeOf(event: Extract<RunEvent, { is: "finished" }>, { detailedExitcode }: ShowOptions): number {
  const counts = Object.values(event.recap);
  if (event.outcome === "aborted") return exitCodes.error;
  if (event.outcome === "cancelled") return exitCodes.interrupted;
  if (counts.some(({ failed }) => failed > 0)) return exitCodes.failed;
  if (counts.some(({ unreachable }) => unreachable > 0)) return exitCodes.unreachable;
  if (event.outcome === "failed") return exitCodes.failed;
  // As terraform and nomad have it: 2 says that there is something to do. A failure has been told apart above.
  if (detailedExitcode && counts.some(({ changed }) => changed > 0)) return exitCodes.failed;
  return exitCodes.fine;
}
