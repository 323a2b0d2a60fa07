import { execFile } from "node:child_process";
import { mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SmallDisk extends AsyncDisposable {
  path: string;
  /** Until nothing fits any more. */
  fill(): Promise<void>;
  /** Gives the room back. */
  clear(): Promise<void>;
}

/** A disk of a few megabytes, in memory. Gives the reason where this user may not mount one. */
export async function mountSmallDisk(path: string, megabytes: number): Promise<SmallDisk | string> {
  await mkdir(path, { recursive: true });
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "flashfleet-test", path]);
  } catch (error) {
    return `cannot mount a small disk: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
  const filler = join(path, "filler");
  return {
    path,
    fill: async () => {
      // Down to the last page: a write that fails half way has written what fitted.
      for (const size of [1 << 20, 4096]) {
        for (;;) {
          try {
            await writeFile(filler, Buffer.alloc(size), { flag: "a" });
          } catch {
            break;
          }
        }
      }
    },
    clear: async () => {
      await truncate(filler, 0);
      await rm(filler);
    },
    [Symbol.asyncDispose]: async () => {
      await run("umount", ["--lazy", path]);
    },
  };
}
