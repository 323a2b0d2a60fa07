import { FlashfleetError, fromErrorData } from "../../shared/errors.ts";
import { formatSize } from "../../shared/size.ts";
import { DrivesAnswer } from "../api/volume-messages.ts";
import type { DriveView } from "../fleet/drives.ts";
import { type CommonOptions, type Context, clientOf, exitCodes, wantsJson } from "./context.ts";
import { describeDrive } from "./drive-list.ts";
import { exec } from "./run.ts";

export interface WipeOptions extends CommonOptions {
  discard?: boolean;
  yes?: boolean;
}

/**
 * Wipes a drive of a node by an ad hoc run of `drive_wipe`, once a person has typed its serial. Throws `device_in_use` for one
 * that a volume lies on, or that is used otherwise, and `device_absent` where there is none of that name.
 */
export async function wipeDrive(context: Context, node: string, device: string, options: WipeOptions): Promise<number> {
  const drive = await findDrive(context, node, device, options);
  if (drive.state === "volume") {
    throw new FlashfleetError("device_in_use", `cannot wipe ${device} of ${node}: volume ${drive.volume} lies on it`, {
      hint: "state: absent on the volume in its pair play removes that first",
    });
  }
  if (drive.state === "in use") {
    throw new FlashfleetError("device_in_use", `cannot wipe ${device} of ${node}: ${drive.reasons.join("; ")}`, {
      hint: "free it first",
    });
  }
  if (drive.state === "free" && !options.discard) {
    if (wantsJson(options)) context.out(`${JSON.stringify({ is: "nothing_to_wipe", ...drive })}\n`);
    else context.out(`${drive.device} of ${node} is free: there is nothing to wipe\n`);
    return exitCodes.fine;
  }
  if (!options.yes) await confirm(context, drive);
  const words = [`device=${drive.device}`, ...(options.discard ? ["discard=true"] : [])];
  const { data, output } = options;
  return exec(context, node, "drive_wipe", words, {
    ...(data === undefined ? {} : { data }),
    ...(output === undefined ? {} : { output }),
  });
}

async function findDrive(context: Context, node: string, device: string, options: CommonOptions): Promise<DriveView> {
  const query = `?pattern=${encodeURIComponent(node)}`;
  const { drives, failed } = await clientOf(context, options).get(`/v1/drives${query}`, DrivesAnswer);
  const [failure] = failed;
  if (failure !== undefined) throw fromErrorData(failure.error);
  const found = drives.find((each) => each.node === node && each.names.includes(device));
  if (found !== undefined) return found;
  throw new FlashfleetError("device_absent", `cannot wipe ${device} of ${node}: it has no such drive`, {
    hint: `flashfleet drive list ${node} shows its drives`,
  });
}

/** Whoever wipes a drive has looked at which one it is. */
async function confirm(context: Context, drive: DriveView): Promise<void> {
  const { node, device, serial, model, size } = drive;
  if (context.answer === undefined) {
    throw new FlashfleetError("bad_argument", `cannot ask before ${device} of ${node} is wiped: stdin is no terminal`, {
      hint: "--yes does it without asking",
    });
  }
  const word = serial === "" ? device : serial;
  context.say(
    `${device} of ${node}: ${model}, ${formatSize(size)}, serial ${serial || "none"}; ${describeDrive(drive)}\n`,
  );
  const question = `What is on it will be lost. Type ${serial === "" ? "its name" : "its serial"} to wipe it: `;
  const typed = await context.answer(question, { hidden: false, signal: context.stop });
  if (typed?.trim() === word) return;
  throw new FlashfleetError("bad_argument", `cannot wipe ${device} of ${node}: ${word} was to be typed`, {
    hint: "nothing was touched; flashfleet drive list shows which drive has which serial",
  });
}
