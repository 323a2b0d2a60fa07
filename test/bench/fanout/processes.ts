import { readFile, writeFile } from "node:fs/promises";

/** Linux counts CPU in hundredths of a second for programs, whatever the kernel's own tick is. */
const ticksPerSecond = 100;

/** What a process has used since it began: seconds of CPU, and those of its children that have ended and were waited for. */
export interface Used {
  own: number;
  children: number;
}

export async function usedBy(pid: number): Promise<Used> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name before it is in brackets, and may hold anything.
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: (user + system) / ticksPerSecond, children: (childUser + childSystem) / ticksPerSecond };
}

/** Bytes: resident now, and at its highest since {@link forgetPeak}. */
export async function memoryOf(pid: number): Promise<{ rss: number; peak: number }> {
  const text = await readFile(`/proc/${pid}/status`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) * 1024;
  return { rss: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** From here on the peak is that of what follows (proc(5), clear_refs). */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}
