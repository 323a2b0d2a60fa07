import type { Clock } from "../shared/clock.ts";
import { toErrorData } from "../shared/errors.ts";
import type { Condition } from "../shared/protocol/report.ts";
import { converge, type Workshop } from "./engine/converge.ts";
import { readableGoals } from "./engine/wanted.ts";
import type { Store } from "./store/store.ts";

/** Milliseconds for one attempt: what does not answer is tried again at the next. */
const attemptMillis = 60_000;

/**
 * Brings the node back to its spec, after a boot or a drift, with steps that cost nobody anything. What stands in the way
 * of one entry does not hold up the others. Gives what could not be restored.
 */
export async function restore(
  shop: Workshop,
  store: Store,
  clock: Clock,
): Promise<{ changed: boolean; conditions: Condition[] }> {
  const spec = store.spec.get();
  const conditions: Condition[] = [];
  let changed = false;
  try {
    const readable = readableGoals(
      Object.fromEntries(Object.entries(spec.entries).filter(([, { state }]) => state === "present")),
    );
    for (const { key, error } of readable.unreadable) {
      conditions.push({ code: error.code, resource: key, message: error.message });
    }
    let { goals } = readable;
    while (goals.length > 0) {
      const { outcome, steps, error, blocked } = await converge(shop, {
        goals,
        spec,
        costs: ["none"],
        overrides: new Set(),
        deadline: clock.now() + attemptMillis,
        patience: 0,
        beforeStep: async () => {},
        onStep: () => {},
        onWait: () => {},
      });
      changed ||= steps.length > 0;
      if (outcome === "ok" || outcome === "changed" || error === undefined) break;
      const resource = goals.find(({ key }) => blocked.includes(key))?.key;
      conditions.push({ code: error.code, message: error.message, ...(resource === undefined ? {} : { resource }) });
      const rest = goals.filter(({ key }) => !blocked.includes(key));
      if (rest.length === goals.length) break;
      goals = rest;
    }
  } catch (error) {
    const { code, message } = toErrorData(error);
    conditions.push({ code, message });
  }
  return { changed, conditions };
}
