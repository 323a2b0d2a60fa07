import type { Clock } from "../shared/clock.ts";
import type { NodeId } from "../shared/protocol/ids.ts";
import { Secret } from "../shared/secret.ts";
import type { Changes } from "./changes.ts";
import type { Workshop } from "./engine/converge.ts";
import type { Kinds } from "./engine/plan-all.ts";
import type { Store } from "./store/store.ts";
import type { System } from "./system/system.ts";

interface Parts {
  node: NodeId;
  system: System;
  clock: Clock;
  store: Store;
  kinds: Kinds;
  changes: Pick<Changes, "wait">;
  uuid(): string;
}

/** What the engine works with, from what the agent keeps. */
export function createWorkshop({ node, system, clock, store, kinds, changes, uuid }: Parts): Workshop {
  // Drawn once: a plan that is made twice must not mean two identities.
  const freshUuid = uuid();
  return {
    system,
    clock,
    kinds,
    memory: () => ({
      node,
      owned: new Set(store.owned.get()),
      pins: store.pins.get(),
      secret: ({ secret, version }) => {
        const value = store.secrets.get()[`${secret}@${version}`];
        return value === undefined ? undefined : new Secret(value);
      },
      freshUuid,
    }),
    ownership: {
      add: async (keys) => {
        const has = store.owned.get();
        const more = keys.filter((key) => !has.includes(key));
        if (more.length > 0) await store.owned.set([...has, ...more]);
      },
      remove: async (keys) => {
        const has = store.owned.get();
        if (keys.some((key) => has.includes(key))) await store.owned.set(has.filter((key) => !keys.includes(key)));
      },
    },
    pin: (pins) => store.pins.set({ ...store.pins.get(), ...pins }),
    changed: (millis) => changes.wait(millis),
  };
}
