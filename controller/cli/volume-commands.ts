import type { Command } from "commander";
import { data, output } from "./common-options.ts";
import { type CommonOptions, type Context, exitCodes } from "./context.ts";
import { listDrives } from "./drive-list.ts";
import { type WipeOptions, wipeDrive } from "./drive-wipe.ts";
import { explain } from "./explain.ts";
import type { Act } from "./file-commands.ts";
import { type VolumesOptions, volumes } from "./volumes.ts";

/** Commands on volumes and the drives that they lie on. */
export function addVolumeCommands(program: Command, context: Context, act: Act): void {
  program
    .command("volumes [pattern]")
    .description("what pair plays made: every volume on every initiator, judged from both ends")
    .option("--explain", "why each lies on its drive, and all that was given out with it")
    .addOption(data())
    .addOption(output())
    .addHelpText(
      "after",
      "\nExamples:\n  flashfleet volumes databases          of the initiators or targets of a pattern\n  flashfleet volumes 'db0?/data'        by name\n  flashfleet volumes db01/data --explain",
    )
    .action(act((pattern: string | undefined, options: VolumesOptions) => volumes(context, pattern, options)));
  program
    .command("explain <subject>")
    .description("what is the matter with a volume or a node: one cause, and what to do; exits with 2 when anything is")
    .addOption(data())
    .addOption(output())
    .addHelpText("after", "\nExamples:\n  flashfleet explain db01/data\n  flashfleet explain flash01")
    .action(act((subject: string, options: CommonOptions) => explain(context, subject, options)));
  const drive = program
    .command("drive")
    .description("the drives that volumes can lie on")
    .action(
      act(async () => {
        drive.outputHelp();
        return exitCodes.options;
      }),
    );
  drive
    .command("list [pattern]")
    .description("every local drive of the nodes, and what is in the way of a volume on it")
    .addOption(data())
    .addOption(output())
    .addHelpText("after", "\nExample:\n  flashfleet drive list flash01")
    .action(act((pattern: string | undefined, options: CommonOptions) => listDrives(context, pattern, options)));
  drive
    .command("wipe <node> <device>")
    .description("give a drive back: remove what tells it from an empty one, after a question")
    .option("--discard", "all that is on it, too, with the drive's own command")
    .option("-y, --yes", "do not ask")
    .addOption(data())
    .addOption(output())
    .addHelpText("after", "\nExample:\n  flashfleet drive wipe flash01 /dev/disk/by-id/nvme-eui.0025385b71b0a1f2")
    .action(act((node: string, device: string, options: WipeOptions) => wipeDrive(context, node, device, options)));
}
