import { systemClock } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { RunCreated, type RunRequest } from "../api/messages.ts";
import { type RunEvent, RunEvent as RunEventSchema } from "../run/entry.ts";
import { Answers } from "./answers.ts";
import { banner } from "./banner.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import { LiveOutput } from "./live-output.ts";
import { ProgressLine } from "./progress-line.ts";
import { createPlanPrinter } from "./render-plan.ts";
import { createRunPrinter } from "./render-run.ts";
import { startRun, type WaitOptions } from "./start.ts";

export interface ShowOptions extends CommonOptions, WaitOptions {
  diff?: boolean;
  verbose?: boolean;
  /** At its end, the slowest tasks. */
  profile?: boolean;
  /** In a check: 2 where changes are due. */
  detailedExitcode?: boolean;
  /** At its end, the steps as a plan. */
  plan?: boolean;
  /** Sees every event, too. */
  watch?: (event: RunEvent) => void;
}

/**
 * Has the controller start a run, shows it until its end, and gives the exit code. Throws `controller_unreachable` where the
 * end of the run cannot be seen.
 */
export async function startAndShow(context: Context, options: ShowOptions, request: RunRequest): Promise<number> {
  const run = await startRun(context, options, "/v1/runs", request);
  return run === undefined ? exitCodes.interrupted : show(context, options, run, { cancels: true });
}

/** Shows a run from its beginning to its end. `cancels`: Ctrl-C asks for it to be stopped, and its end is shown as any other. */
export async function show(
  context: Context,
  options: ShowOptions,
  run: string,
  { cancels }: { cancels: boolean },
): Promise<number> {
  const client = clientOf(context, options);
  const json = wantsJson(options);
  const print = createRunPrinter({
    paint: context.paint,
    diff: options.diff ?? false,
    verbose: options.verbose ?? false,
    width: context.width,
    folds: context.watched && !options.verbose,
    profile: options.profile ?? false,
  });
  const plan = options.plan ? createPlanPrinter(context.paint) : () => "";
  // What happens meanwhile: output of long commands, steps, waits.
  const live =
    !json && (options.verbose || context.watched) ? new LiveOutput({ isAll: options.verbose ?? false }) : undefined;
  const line = context.watched && !json ? new ProgressLine(terminalOf(context)) : undefined;
  const answers = new Answers(context, client, run);
  const cancel = () => void client.post(`/v1/runs/${run}/cancel`, {}, RunCreated).catch(() => undefined);
  if (cancels) context.stop.addEventListener("abort", cancel, { once: true });
  if (cancels && context.stop.aborted) cancel();
  const signal = cancels ? answers.left : AbortSignal.any([answers.left, context.stop]);
  try {
    for await (const event of client.lines(`/v1/runs/${run}/events`, RunEventSchema, { signal })) {
      options.watch?.(event);
      const text = print(event) + plan(event);
      line?.clear();
      context.say(aside(event));
      if (json && event.is !== "planned") {
        context.out(`${JSON.stringify(event)}\n`);
        if (event.is === "warning") context.say(text);
      } else (event.is === "warning" ? context.say : context.out)(text);
      if (!json && event.is === "warning" && event.stops) context.out(banner("NO MORE HOSTS LEFT", context.width));
      line?.take(event);
      answers.take(event);
      if (event.is === "finished") return context.stop.aborted ? exitCodes.interrupted : exitCodeOf(event, options);
    }
  } catch (cause) {
    if (!signal.aborted) throw lost(run, cause);
  } finally {
    line?.end();
    answers.end();
    context.stop.removeEventListener("abort", cancel);
  }
  if (signal.aborted) return exitCodes.interrupted;
  throw lost(run);

  /** For people who watch, beside the answer. */
  function aside(event: RunEvent): string {
    if (event.is === "progress" && event.retry) return "";
    const text = (event.is === "progress" ? live?.take(event) : live?.rest()) ?? "";
    return text === "" ? "" : context.paint.dim(text);
  }
}

function terminalOf(context: Context) {
  return { clock: systemClock, write: context.say, columns: () => context.columns };
}

function lost(run: string, cause?: unknown): FlashfleetError {
  return new FlashfleetError("controller_unreachable", `cannot follow run ${run}: the controller has gone`, {
    hint: `it goes on with the run once it is started again: flashfleet attach ${run} shows it`,
    cause,
  });
}

function exitCodeOf(event: Extract<RunEvent, { is: "finished" }>, { detailedExitcode }: ShowOptions): number {
  const counts = Object.values(event.recap);
  if (event.outcome === "aborted") return exitCodes.error;
  if (event.outcome === "cancelled") return exitCodes.interrupted;
  // Where the run is fine all the same, the errors were cleared.
  if (event.outcome === "failed" && counts.some(({ failed }) => failed > 0)) return exitCodes.failed;
  if (counts.some(({ unreachable }) => unreachable > 0)) return exitCodes.unreachable;
  if (event.outcome === "failed") return exitCodes.failed;
  // As terraform and nomad have it: 2 says that there is something to do. A failure has been told apart above.
  if (detailedExitcode && counts.some(({ changed }) => changed > 0)) return exitCodes.failed;
  return exitCodes.fine;
}
