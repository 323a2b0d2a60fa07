import { renderError } from "../../shared/errors.ts";
import { formatSize } from "../../shared/size.ts";
import { DrivesAnswer } from "../api/volume-messages.ts";
import type { DriveView } from "../fleet/drives.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import { renderTable } from "./table.ts";

/** Shows the drives of the nodes, with what is in the way of a volume on each. Gives 4 where a node could not be asked. */
export async function listDrives(
  context: Context,
  pattern: string | undefined,
  options: CommonOptions,
): Promise<number> {
  const query = `?pattern=${encodeURIComponent(pattern ?? "all")}`;
  const { drives, failed } = await clientOf(context, options).get(`/v1/drives${query}`, DrivesAnswer);
  const { paint } = context;
  if (wantsJson(options)) {
    for (const drive of drives) context.out(`${JSON.stringify(drive)}\n`);
    for (const each of failed) context.out(`${JSON.stringify(each)}\n`);
  } else if (drives.length > 0) {
    context.out(
      renderTable(
        ["NODE", "DEVICE", "SIZE", "MODEL", "SERIAL", "STATE"],
        drives.map((drive) => [
          drive.node,
          drive.device,
          formatSize(drive.size),
          drive.model || "-",
          drive.serial || "-",
          drive.state === "free" ? paint.ok("free") : describeDrive(drive),
        ]),
      ),
    );
  } else if (failed.length === 0) context.say("No drives.\n");
  for (const { node, error } of failed) context.say(`${node}: ${renderError(error)}\n`);
  return failed.length === 0 ? exitCodes.fine : exitCodes.unreachable;
}

/** What stands in the way of a volume on a drive, in a few words; `free` where nothing does. */
export function describeDrive({ state, volume, removed, reasons }: DriveView): string {
  switch (state) {
    case "volume":
      return `volume ${volume}`;
    case "dirty":
      return `dirty (was ${volume}, removed ${new Date(removed ?? 0).toISOString().slice(0, 10)})`;
    case "free":
    case "read-only":
      return state;
    case "in use":
      return `in use: ${reasons.join("; ")}`;
    case "signature":
    case "unknown":
      return reasons.join("; ");
  }
}
