import { z } from "zod";
import { createLinuxSystem } from "../../../agent/system/linux/linux-system.ts";
import { deadlineIn, systemClock } from "../../../shared/clock.ts";
import { appliesTo } from "../../contract/row.ts";
import { chapters } from "../../contract/rows/all.ts";
import { runRows } from "../../contract/run-rows.ts";
import { clean, type World } from "../../contract/world.ts";

/*
 * Runs the contract on the kernel that it stands on: in a machine of the lab, as root. One argument: the facts of that kernel,
 * in JSON. Prints each outcome as a line of JSON.
 */

const facts = z.object({ version: z.string(), built: z.array(z.enum(["auth", "tls", "loop", "passthru", "p2pdma"])) });
const { version, built } = facts.parse(JSON.parse(process.argv[2] ?? ""));

const world: World = {
  system: createLinuxSystem({ clock: systemClock }),
  pass: (millis) => systemClock.sleep(millis),
  deadline: () => deadlineIn(systemClock, 60_000),
};

const kernel = { version, built: new Set(built) };
const rows = chapters.flatMap((chapter) => chapter.rows.filter((row) => appliesTo(row, kernel)));
await clean(world);
for await (const outcome of runRows(world, rows)) process.stdout.write(`${JSON.stringify(outcome)}\n`);
// What a row left behind, as a hanging child, must not keep the program.
process.exit(0);
