import { FlashfleetError } from "../../shared/errors.ts";
import type { ArgumentsOf } from "../../shared/modules/actions/actions.ts";
import { readAttribute } from "../observe/tolerant.ts";
import type { Action, ActionContext } from "./action.ts";
import { runTool } from "./programs/run.ts";
import { splitCommand } from "./split-command.ts";
import { insistOnNobodyCutOff } from "./storage/cut-off.ts";
import { complaint } from "./storage/tool.ts";

type Arguments = ArgumentsOf<"reboot">;

/** Milliseconds between the order to go down and the next look, which only comes where the machine stays up. */
const pause = 1000;

/**
 * Orders the machine to boot anew. On a machine that goes down this never ends: what became of it is told after the boot
 * (`bootedAnew`, agent/orders/dispatch.ts). Throws `device_in_use` where other hosts would lose their last way to a disk.
 */
export const reboot: Action<"reboot"> = async (args, context) => {
  const { system, clock, deadline, job } = context;
  const allowed = new Set([...(args.override ?? []), ...(context.covered ?? [])]);
  await insistOnNobodyCutOff(context, allowed);
  const bootId = await readAttribute(system, "/proc/sys/kernel/random/boot_id");
  if (bootId === undefined || bootId === "") {
    throw new FlashfleetError("kernel_lacks", "cannot reboot: the kernel does not tell one boot from another", {
      hint: "/proc/sys/kernel/random/boot_id has to be readable, or nobody knows that the node has come back",
    });
  }
  if (context.check) {
    return {
      outcome: "changed",
      result: { rebooted: true, elapsed: 0, msg: "what the boot changes is not predicted" },
    };
  }
  if (args.pre_reboot_delay > 0 && args.reboot_command === undefined) {
    job.progress(`rebooting in ${args.pre_reboot_delay} s`);
    await clock.sleep(args.pre_reboot_delay * 1000);
    await insistOnNobodyCutOff(context, allowed);
  }
  await job.effect();
  job.progress("rebooting");
  await order(args, context);
  while (clock.now() < deadline - pause) await clock.sleep(pause);
  throw new FlashfleetError("deadline", "cannot reboot: the machine was told to, and is still up", {
    hint: "systemctl list-jobs and journalctl on the node say what holds it",
  });
};

/** The first of the system's ways that works: systemd's, the one of old, busybox's. */
async function order(args: Arguments, { system, deadline }: ActionContext): Promise<void> {
  const PATH = args.search_paths?.join(":");
  const environment = PATH === undefined ? undefined : { PATH };
  const complaints: string[] = [];
  for (const argv of commandsFor(args)) {
    try {
      const ran = await runTool({ argv, environment }, { system, deadline });
      if (ran.code === 0) return;
      complaints.push(`${argv[0]}: ${complaint(ran)}`);
    } catch (error) {
      if (!(error instanceof FlashfleetError && error.code === "not_found")) throw error;
      complaints.push(`there is no ${argv[0]}`);
    }
  }
  throw new FlashfleetError("command_failed", `cannot reboot: ${complaints.join("; ")}`, {
    hint: "reboot_command names what reboots this machine",
  });
}

type Argv = readonly [string, ...string[]];

function commandsFor({ msg, reboot_command: own }: Arguments): Argv[] {
  if (own === undefined)
    return [["systemctl", "reboot", `--message=${msg}`], ["shutdown", "-r", "now", msg], ["reboot"]];
  const [program, ...words] = splitCommand(own);
  return program === undefined ? [] : [[program, ...words]];
}
