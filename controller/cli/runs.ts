import * as z from "zod";
import { systemClock } from "../../shared/clock.ts";
import { RunCreated, RunSummary } from "../api/messages.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import { elapsed } from "./progress-line.ts";
import { show } from "./run-common.ts";
import { renderTable } from "./table.ts";

export async function runs(context: Context, options: CommonOptions): Promise<number> {
  const found = await clientOf(context, options).get("/v1/runs", z.array(RunSummary));
  if (wantsJson(options)) {
    for (const run of found) context.out(`${JSON.stringify(run)}\n`);
    return exitCodes.fine;
  }
  if (found.length === 0) {
    context.say("There are no runs yet.\n");
    return exitCodes.fine;
  }
  const now = systemClock.wall();
  context.out(
    renderTable(
      ["RUN", "STARTED", "TOOK", "BY", "OUTCOME", "HOSTS", "WHAT"],
      found.map((run) => [
        run.run,
        `${new Date(run.at).toISOString().slice(0, 19)}Z`,
        run.ended === undefined && run.outcome !== "running" ? "-" : elapsed((run.ended ?? now) - run.at),
        run.by ?? "-",
        run.asks === undefined ? run.outcome : "waits for an answer",
        hostsOf(run),
        `${run.title}${run.check ? " (check)" : ""}`,
      ]),
    ),
  );
  return exitCodes.fine;
}

/** How many there are, and what came of them where that is not just well. */
function hostsOf({ hosts }: RunSummary): string {
  if (hosts === undefined) return "-";
  const parts = (["changed", "failed", "unreachable"] as const).filter((name) => hosts[name] > 0);
  return [String(hosts.all), ...parts.map((name) => `${hosts[name]} ${name}`)].join(", ");
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
