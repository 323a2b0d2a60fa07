import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { hearKernel } from "./linux-events.ts";
import type { Machine } from "./machine.ts";

const run = promisify(execFile);
/** No command takes longer; milliseconds. */
const patience = 30_000;

type Sh = (command: string, args: readonly string[]) => Promise<{ code: number; text: string }>;

/** Loop devices by util-linux, log pages by nvme-cli, events by udev. */
export function linuxDevices(sh: Sh): Pick<Machine, "hear" | "losetup" | "resizeLoop" | "readLogPage"> {
  return {
    hear: hearKernel,
    losetup: (device, path) => sh("losetup", [device, path]),
    resizeLoop: (device) => sh("losetup", ["-c", device]),
    readLogPage: async (controller, page, length) => {
      const args = ["get-log", `/dev/${controller}`, "-i", String(page), "-l", String(length), "-b"];
      const { stdout } = await run("nvme", args, { timeout: patience, encoding: "buffer" });
      return stdout;
    },
  };
}
