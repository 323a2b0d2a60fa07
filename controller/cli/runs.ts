import * as z from "zod";
import { RunCreated, RunSummary } from "../api/messages.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import { show } from "./run-common.ts";
import { renderTable } from "./table.ts";

export async function runs(context: Context, options: CommonOptions): Promise<number> {
  const found = await clientOf(context, options).get("/v1/runs", z.array(RunSummary));
  if (wantsJson(options)) {
    for (const run of found) context.out(`${JSON.stringify(run)}\n`);
    return exitCodes.fine;
  }
  context.out(
    renderTable(
      ["RUN", "STARTED", "OUTCOME", "WHAT"],
      found.map(({ run, at, outcome, title, check }) => [
        run,
        new Date(at).toISOString(),
        outcome,
        `${title}${check ? " (check)" : ""}`,
      ]),
    ),
  );
  return exitCodes.fine;
}

interface AttachOptions extends CommonOptions {
  diff?: boolean;
  verbose?: boolean;
}

/** Shows a run from its beginning, live where it is running; leaving it does not stop it. */
export function attach(context: Context, run: string, options: AttachOptions): Promise<number> {
  return show(context, options, run, { cancels: false });
}

/** Stops a run after what is under way on its nodes. */
export async function cancel(context: Context, run: string, options: CommonOptions): Promise<number> {
  await clientOf(context, options).post(`/v1/runs/${run}/cancel`, {}, RunCreated);
  context.say(`run ${run} stops after what is under way\n`);
  return exitCodes.fine;
}
