import type { Clock } from "../shared/clock.ts";
import { fabricsParent } from "./observe/fabrics.ts";
import { hasErrno, type System } from "./system/system.ts";

/** Milliseconds between two looks; going to `connecting` and ANA changes emit no uevent (nvmet-abi 5). */
const lookMillis = 1000;

interface Watch {
  system: System;
  clock: Clock;
  signal: AbortSignal;
  changed(): void;
}

/** Looks at the states of the controllers over fabrics once a second: a handful of small reads, none at all on a node that has none. */
export async function watchPaths({ system, clock, signal, changed }: Watch): Promise<void> {
  let before = "";
  try {
    for (;;) {
      await clock.sleep(lookMillis, signal);
      // What cannot be read now may be readable at the next look: it counts as it was.
      const now = await readStates(system).catch(() => before);
      if (now !== before) changed();
      before = now;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function readStates(system: System): Promise<string> {
  const names = (await system.list(fabricsParent).catch(none)).filter((name) => /^nvme\d+$/.test(name));
  const states = await Promise.all(
    names.map(async (name) => `${name} ${await system.read(`/sys/class/nvme/${name}/state`).catch(none)}`),
  );
  return states.join("\n");
}

function none(error: unknown): [] {
  if (hasErrno(error, "ENOENT", "ENODEV", "ENOTDIR")) return [];
  throw error;
}
