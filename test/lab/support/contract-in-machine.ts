import { z } from "zod";
import { createLinuxSystem } from "../../../agent/system/linux/linux-system.ts";
import { buildOptions } from "../../../agent/system/model/versions.ts";
import { deadlineIn, systemClock } from "../../../shared/clock.ts";
import { rowsFor } from "../../contract/row.ts";
import { chapters } from "../../contract/rows/all.ts";
import { runRows } from "../../contract/run-rows.ts";
import { clean, type World } from "../../contract/world.ts";

/*
 * Runs the contract on the kernel that it stands on: in a machine of the lab, as root. Arguments: the facts of that
 * kernel in JSON, and a pattern of the rows that are wanted. Prints each outcome as a line of JSON.
 */

const facts = z.object({
  version: z.string(),
  built: z.array(z.enum(buildOptions)),
});
const [json = "", pattern] = process.argv.slice(2);
const { version, built } = facts.parse(JSON.parse(json));

const world: World = {
  system: createLinuxSystem({ clock: systemClock }),
  pass: (millis) => systemClock.sleep(millis),
  deadline: () => deadlineIn(systemClock, 120_000),
};

const here = rowsFor(chapters, { version, built: new Set(built) }, pattern);
const rows = here.flatMap((chapter) => chapter.rows);
await clean(world);
for await (const outcome of runRows(world, rows)) process.stdout.write(`${JSON.stringify(outcome)}\n`);
// What a row left behind, as a hanging child, must not keep the program.
process.exit(0);
