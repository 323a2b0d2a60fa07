import { Buffer } from "node:buffer";
import { attempt, type Lib } from "./lib.ts";

/*
 * What programs that connect have in common: the target that they set up, and what they look at. Names as in the originals.
 */

export const A = "nqn.2024-01.io.x:a";
export const B = "nqn.2024-01.io.x:b";
export const HI = "11111111-2222-3333-4444-555555555555";
export const HN = `nqn.2014-08.org.nvmexpress:uuid:${HI}`;
export const P = "ports/1";

/** What `P` gets before the first link. */
export async function makePort(lib: Lib, traddr: string): Promise<void> {
  await lib.mk(P);
  await lib.address(P, traddr, "4420");
}

/** What /dev/nvme-fabrics answers to one line, or the errno of its write. */
export async function connect(lib: Lib, line: string): Promise<{ told: string } | { errno: string }> {
  const { calls } = lib.machine;
  const device = await calls.open("/dev/nvme-fabrics", { access: "both" });
  const told = await attempt(async () => {
    await calls.write(device, line);
    return [
      Buffer.from(await calls.read(device, 4096))
        .toString()
        .trim(),
    ];
  });
  await calls.close(device);
  return typeof told === "string" ? { errno: told } : { told: told.join() };
}

/** Of every controller; a file that is not there reads as an errno, which is cut as the original cuts it. */
export async function states(lib: Lib): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await lib.names("/sys/class/nvme")) {
    found.set(name, (await lib.r(`/sys/class/nvme/${name}/state`)).slice(1, -3));
  }
  return found;
}

/** The disks of NVMe, hidden ones too. */
export async function blocks(lib: Lib): Promise<string[]> {
  return (await lib.names("/sys/block")).filter((name) => name.includes("nvme"));
}

/** The program looks for a disk, and there is none. */
export class NoDisk extends Error {
  override readonly name = "NoDisk";
}

/** The first of the disks that people use. Throws {@link NoDisk}. */
export async function firstDisk(lib: Lib): Promise<string> {
  const found = (await blocks(lib)).find((name) => /^nvme\d+n\d+$/.test(name));
  if (found === undefined) throw new NoDisk();
  return found;
}

/** The last lines of the kernel's log that have to do with NVMe, whole. */
export async function lastLines(lib: Lib, count: number): Promise<string[]> {
  return (await lib.machine.kernelLog()).filter((line) => line.includes("nvme")).slice(-count);
}

/** As {@link lastLines}, without the time in front: `[   12.345678]`. */
export async function lastTexts(lib: Lib, count: number): Promise<string[]> {
  return (await lastLines(lib, count)).map((line) => line.slice("[   12.345678]".length));
}

/** Lines of the kernel's log that say that something in it went wrong. */
export async function warnings(lib: Lib): Promise<string[]> {
  return (await lib.machine.kernelLog()).filter((line) => /WARN|BUG|Oops|Call Trace/.test(line));
}
