import * as z from "zod";
import { RunSummary } from "../api/messages.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
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
