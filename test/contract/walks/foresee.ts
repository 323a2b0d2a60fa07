import type { Millis } from "../../../shared/clock.ts";
import { perform, resultOf } from "../perform.ts";
import type { Act } from "../row.ts";
import { clean, prepare, type World } from "../world.ts";
import { type Digest, differences, digestOf, initiatorOf } from "./digest.ts";
import { hazardOf } from "./hazards.ts";
import { files } from "./vocabulary.ts";
import type { Walk } from "./walk.ts";

/** What one act of a walk comes to on the model. */
export interface Step {
  act: Act;
  /** `ok`, or the name of the errno. */
  gives: string;
  /** What it changed in the digest once all has settled: null for what is no longer there. */
  changes: Record<string, string | null>;
  /** Something goes on after it: what is seen at once may be what was. */
  stirs: boolean;
}

/** The way of a walk on the model: what is seen at its beginning, and each act that was done. */
export interface Way {
  start: Record<string, string>;
  steps: Step[];
}

/** Longer than all that a walk's own timers take once something stirs; far shorter than all others. */
const settling: Millis = 5_000;
/** While a controller tries again every second. */
const trying: Millis = 1_200;
const calm: Millis = 50;
const pause: Millis = 100;

/** Walks on a model; leaves out what would be dangerous on a kernel. The node must have nothing made, and has nothing afterwards. */
export async function foresee(world: World, version: string, walk: Walk): Promise<Way> {
  await prepareAll(world);
  const steps: Step[] = [];
  let before = await digestOf(world.system);
  let hosts = await initiatorOf(world.system);
  const start = Object.fromEntries(before);
  for (const act of walk) {
    if ((await hazardOf(world.system, version, act)) !== undefined) continue;
    const gives = await inItsTime(world, resultOf(perform(world, act)));
    const atOnce = await initiatorOf(world.system);
    await world.pass(isSame(hosts, atOnce) ? (isTrying(atOnce) ? trying : calm) : settling);
    hosts = await initiatorOf(world.system);
    const after = await digestOf(world.system);
    steps.push({ act, gives, changes: changesBetween(before, after), stirs: !isSame(hosts, atOnce) });
    before = after;
  }
  await cleanAll(world);
  return { start, steps };
}

/** As {@link prepare}, with the module that the first link of a port would load: an earlier walk may have loaded it. */
export async function prepareAll(world: World): Promise<void> {
  await prepare(world);
  await world.system.do({ op: "modprobe", name: "nvmet-tcp", parameters: {} }, world.deadline());
}

/** As {@link clean}, with the files. */
export async function cleanAll(world: World): Promise<void> {
  await inItsTime(world, clean(world));
  for (const path of files) await world.system.do({ op: "unlink", path }, world.deadline()).catch(() => undefined);
}

/** Lets time pass until the work is done. */
async function inItsTime<T>(world: World, work: Promise<T>): Promise<T> {
  let done = false;
  const settled = work.finally(() => {
    done = true;
  });
  settled.catch(() => undefined);
  await world.pass(0);
  while (!done) await world.pass(pause);
  return settled;
}

function isSame(one: Digest, other: Digest): boolean {
  return Object.keys(differences(one, other)).length === 0;
}

function isTrying(digest: Digest): boolean {
  return [...digest.values()].some((facts) => facts.includes(" state=connecting "));
}

function changesBetween(before: Digest, after: Digest): Record<string, string | null> {
  const changes: Record<string, string | null> = {};
  for (const [key, { seen }] of Object.entries(differences(before, after))) changes[key] = seen ?? null;
  return changes;
}
