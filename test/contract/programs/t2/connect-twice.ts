import { attempt, type Lib, outcome } from "../lib.ts";

/** One line to /dev/nvme-fabrics and what it answers, and how a second write to the same file goes. */
export async function connectTwice(
  lib: Lib,
  line: string,
): Promise<{ errno: string } | { told: string; second: string }> {
  const { calls } = lib.machine;
  const device = await calls.open("/dev/nvme-fabrics", { access: "both" });
  try {
    const written = await attempt(() => calls.write(device, line));
    if (typeof written === "string") return { errno: written };
    const told = Buffer.from(await calls.read(device, 4096))
      .toString()
      .trim();
    return { told, second: await outcome(() => calls.write(device, "x")) };
  } finally {
    await calls.close(device);
  }
}
