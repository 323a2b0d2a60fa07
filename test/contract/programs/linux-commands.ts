import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import type { Machine } from "./machine.ts";

/** How a command ended, and what it printed. */
type Sh = (command: string, args: readonly string[]) => Promise<{ code: number; text: string }>;

/** What programs do with commands of other projects: iproute2, coreutils. */
export function linuxCommands(
  sh: Sh,
): Pick<Machine, "mountDebugfs" | "addAddress" | "sockets" | "closeSockets" | "readDisk"> {
  return {
    mountDebugfs: async () => {
      await sh("mount", ["-t", "debugfs", "none", "/sys/kernel/debug"]);
    },
    addAddress: async (address, device) => {
      await sh("ip", ["addr", "add", address, "dev", device]);
    },
    sockets: async (port) => (await sh("ss", ["-tnH", "state", "established", `sport = :${port}`])).text.trim(),
    closeSockets: async (from, port) => {
      const { code, text } = await sh("ss", ["-K", "-tnH", "dst", from, `sport = :${port}`]);
      return { code, text: text.trim() };
    },
    readDisk: (disk, seconds) => readDisk(disk, seconds),
  };
}

/** For so many seconds it is waited that a process ends which was told to. */
const patience = 3;

async function readDisk(disk: string, seconds: number): Promise<number | undefined> {
  const dd = ["dd", `if=/dev/${disk}`, "of=/dev/null", "bs=4k", "count=1", "iflag=direct"];
  const child = spawn("timeout", [String(seconds), ...dd], { stdio: "ignore" });
  const ended = new Promise<number>((resolve) => {
    child.once("exit", (code) => resolve(code ?? 1));
    child.once("error", () => resolve(127));
  });
  const code = await Promise.race([ended, setTimeout((seconds + patience) * 1000, undefined)]);
  if (code === undefined) child.unref();
  return code;
}
