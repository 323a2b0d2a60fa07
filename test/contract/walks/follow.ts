import type { Clock, Millis } from "../../../shared/clock.ts";
import { perform, resultOf } from "../perform.ts";
import type { World } from "../world.ts";
import { type Digest, differences, digestOf, type Eyes } from "./digest.ts";
import { cleanAll, prepareAll, type Way } from "./foresee.ts";

/** Where a kernel left the way that the model foresaw. */
export interface Parting {
  /** Of the step; -1 before the first one. */
  at: number;
  /** What the act gave, where that was something else. */
  gives?: string | undefined;
  /** What was seen otherwise, by key of the digest. */
  shows: Record<string, { foreseen?: string | undefined; seen?: string | undefined }>;
}

/** What goes on after an act has begun by then. */
const stirring: Millis = 600;
/** What comes about by itself is waited for this long. */
const patience: Millis = 10_000;
const pause: Millis = 20;
/** Attributes away from what an act touched are read after every so many acts: a read takes longer than most acts. */
const wholeEach = 10;

/** A kernel to walk on. */
export interface Ground {
  world: World;
  eyes: Eyes;
  clock: Clock;
}

/** Goes the way that the model went, until what is seen is something else; leaves a node where nothing is made. */
export async function follow(ground: Ground, way: Way): Promise<Parting | undefined> {
  await prepareAll(ground.world);
  try {
    return await firstParting(ground, way);
  } finally {
    await cleanAll(ground.world);
  }
}

async function firstParting(ground: Ground, { start, steps }: Way): Promise<Parting | undefined> {
  const { world, eyes } = ground;
  const foreseen: Digest = new Map(Object.entries(start));
  const unlike = differences(foreseen, await digestOf(eyes));
  if (Object.keys(unlike).length > 0) return { at: -1, shows: unlike };
  for (const [at, { act, gives, changes, stirs }] of steps.entries()) {
    const seen = await resultOf(perform(world, act));
    if (seen !== gives) return { at, gives: seen, shows: {} };
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) foreseen.delete(key);
      else foreseen.set(key, value);
    }
    if (stirs) await world.pass(stirring);
    const isWhole = at % wholeEach === wholeEach - 1 || at === steps.length - 1;
    const reads = isWhole || !("path" in act) ? () => isWhole : (each: string) => isNear(each, act.path);
    const shows = await settled(ground, foreseen, reads);
    if (Object.keys(shows).length > 0) return { at, shows };
  }
  return undefined;
}

/** The directories of an act's path, and what it makes. */
function isNear(directory: string, path: string): boolean {
  return directory === path || path.startsWith(`${directory}/`);
}

/** What is seen otherwise than foreseen, as soon as that is nothing, or after long enough. */
async function settled({ world, eyes, clock }: Ground, foreseen: Digest, reads: (directory: string) => boolean) {
  const until = clock.now() + patience;
  for (;;) {
    const shows = differences(foreseen, await digestOf(eyes, reads), reads);
    if (clock.now() >= until || Object.keys(shows).length === 0) return shows;
    await world.pass(pause);
  }
}
