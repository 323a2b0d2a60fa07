import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { toSystemError } from "../../../agent/system/linux/errno.ts";
import { createLinuxSystem } from "../../../agent/system/linux/linux-system.ts";
import { deadlineIn, systemClock } from "../../../shared/clock.ts";
import type { Act } from "../../contract/row.ts";
import type { Eyes } from "../../contract/walks/digest.ts";
import { follow } from "../../contract/walks/follow.ts";
import { clean, type World } from "../../contract/world.ts";

/*
 * Follows walks on the kernel that it stands on: in a machine of the lab, as root. In the folder that is its argument the
 * host lays one file after the other (0.json, 1.json, …), each with a walk and what the model made of it; each is answered
 * with a line of JSON: where the kernel parted from it, or null. A file named `end` is the end.
 */

const way = z.object({
  start: z.record(z.string(), z.string()),
  steps: z.array(
    z.object({
      act: z.custom<Act>((value) => typeof value === "object" && value !== null && "act" in value),
      gives: z.string(),
      changes: z.record(z.string(), z.string().nullable()),
      stirs: z.boolean(),
    }),
  ),
});

const world: World = {
  system: createLinuxSystem({ clock: systemClock }),
  pass: (millis) => systemClock.sleep(millis),
  deadline: () => deadlineIn(systemClock, 120_000),
};

/** One digest is hundreds of files: without threads they are read in a tenth of the time. */
const eyes: Eyes = {
  list: async (path) => seen("list", path, () => readdirSync(path).sort()),
  read: async (path) => seen("read", path, () => readFileSync(path, "utf8")),
  readlink: async (path) => seen("readlink", path, () => readlinkSync(path)),
  realpath: async (path) => seen("resolve", path, () => realpathSync.native(path)),
};

function seen<T>(doing: string, path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw toSystemError(error, doing, path);
  }
}

/** The host's folder tells nobody of new files. */
async function next(folder: string, index: number): Promise<string | undefined> {
  for (;;) {
    const path = join(folder, `${index}.json`);
    if (existsSync(path)) return path;
    if (existsSync(join(folder, "end"))) return undefined;
    await systemClock.sleep(20);
  }
}

const [folder = ""] = process.argv.slice(2);
await clean(world);
for (let index = 0; ; index++) {
  const path = await next(folder, index);
  if (path === undefined) break;
  const foreseen = way.parse(JSON.parse(readFileSync(path, "utf8")));
  const parting = await follow({ world, eyes, clock: systemClock }, foreseen);
  process.stdout.write(`${JSON.stringify({ walk: index, parting: parting ?? null })}\n`);
}
// What a walk left behind, as a hanging child, must not keep the program.
process.exit(0);
