import { isDeepStrictEqual } from "node:util";
import { SystemError } from "../../agent/system/system.ts";
import type { Millis } from "../../shared/clock.ts";
import { perform, resultOf } from "./perform.ts";
import { resolvePlace } from "./places.ts";
import type { Row } from "./row.ts";
import { clean, prepare, type World } from "./world.ts";

/** What a row came to: its own words where the kernel agrees with it. */
export interface Outcome {
  says: string;
  gives: string;
  shows: Record<string, string>;
}

/** What comes about by itself, as a disk after its connect, is waited for this long. */
const patience: Millis = 10_000;
const pause: Millis = 50;

/** What a row foresees, in the form of an outcome; `seen` may be the other result that the row allows. */
export function foreseen({ says, gives, or, shows = {} }: Row, seen?: string): Outcome {
  return { says, gives: seen !== undefined && seen === or ? or : gives, shows };
}

/** Runs rows one after the other, each on a node where nothing is made; leaves such a node behind. */
export async function* runRows(world: World, rows: readonly Row[]): AsyncGenerator<Outcome> {
  for (const row of rows) {
    await prepare(world);
    yield await runRow(world, row);
    await clean(world);
  }
}

async function runRow(world: World, row: Row): Promise<Outcome> {
  for (const act of row.given ?? []) {
    const result = await resultOf(perform(world, act));
    if (result !== "ok") return { says: row.says, gives: `given ${JSON.stringify(act)}: ${result}`, shows: {} };
  }
  const gives = await resultOf(perform(world, row.when));
  return { says: row.says, gives, shows: await settled(world, row.shows ?? {}) };
}

/** What the paths show once it is what the row foresees, or after long enough. */
async function settled(world: World, foreseen: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  for (let waited: Millis = 0; ; waited += pause) {
    const seen: Record<string, string> = {};
    for (const path of Object.keys(foreseen)) seen[path] = await look(world, path);
    if (waited >= patience || isDeepStrictEqual(seen, foreseen)) return seen;
    await world.pass(pause);
  }
}

async function look({ system }: World, path: string): Promise<string> {
  try {
    const at = await resolvePlace(system, path);
    const { kind } = await system.stat(at);
    if (kind === "link") return await system.readlink(at);
    if (kind === "directory") return (await system.list(at)).join(" ");
    return (await system.read(at)).replace(/\n$/, "");
  } catch (error) {
    if (error instanceof SystemError) return error.errno;
    throw error;
  }
}
