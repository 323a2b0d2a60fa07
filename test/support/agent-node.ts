import { Changes } from "../../agent/changes.ts";
import { type Convergence, converge, type Task, type Workshop } from "../../agent/engine/converge.ts";
import { goalsOf } from "../../agent/engine/wanted.ts";
import { kinds } from "../../agent/kinds/kinds.ts";
import { createMemoryStore } from "../../agent/store/memory-store.ts";
import type { Store } from "../../agent/store/store.ts";
import type { Fabric } from "../../agent/system/model/fabric/fabric.ts";
import { createMemoryFabric } from "../../agent/system/model/fabric/memory-fabric.ts";
import type { ModelNodeOptions } from "../../agent/system/model/hardware.ts";
import { createModelNode, type ModelSystem } from "../../agent/system/model/model-system.ts";
import type { System } from "../../agent/system/system.ts";
import { createWorkshop } from "../../agent/workshop.ts";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { costs } from "../../shared/protocol/cost.ts";
import { applyEdit, settle } from "../../shared/protocol/edit.ts";
import type { NodeId } from "../../shared/protocol/ids.ts";
import { editOf, freshUuid, nodeId, type Tasks } from "./wanted.ts";

/** A model node with what an agent keeps and works with, without bus and orders. */
export interface AgentNode {
  system: ModelSystem;
  store: Store;
  shop: Workshop;
  /** Converges to these tasks on top of the spec, and keeps the spec and the pins where it got there. */
  converge(tasks: Tasks, more?: Partial<Task>): Promise<Convergence>;
}

interface Setup extends Partial<ModelNodeOptions> {
  fabric?: Fabric;
  clock?: Clock;
  store?: Store;
  id?: NodeId;
  /** What the engine works on instead: one that fails. */
  through?: (system: ModelSystem) => System;
}

let seed = 7;
function nextByte(): number {
  seed = (seed * 75 + 74) % 65537;
  return seed & 255;
}

export function modelNode({ clock = systemClock, fabric = createMemoryFabric(), ...options }: Setup = {}): ModelSystem {
  return createModelNode({
    hostname: "flash01",
    drives: [
      { serial: "A", model: "QEMU NVMe Ctrl", size: 1e9 },
      { serial: "B", model: "QEMU NVMe Ctrl", size: 2e9 },
    ],
    addresses: ["10.0.0.1/24"],
    random: (length) => Uint8Array.from({ length }, nextByte),
    clock,
    fabric,
    ...options,
  });
}

export function agentNode(setup: Setup = {}): AgentNode {
  return agentOn(modelNode(setup), setup);
}

/** An agent that starts on a node that is there: with the store of the one before it, it is that one restarted. */
export function agentOn(
  system: ModelSystem,
  { clock = systemClock, id = nodeId, store = createMemoryStore(id), through }: Setup = {},
): AgentNode {
  const shop = createWorkshop({
    node: id,
    system: through?.(system) ?? system,
    clock,
    store,
    kinds,
    changes: new Changes(clock),
    uuid: () => freshUuid,
  });
  return {
    system,
    store,
    shop,
    converge: async (tasks, more = {}) => {
      const spec = store.spec.get();
      const edit = editOf(spec, tasks);
      const candidate = applyEdit(spec, edit);
      const reached = await converge(shop, {
        goals: goalsOf(edit.set),
        spec: candidate,
        costs,
        overrides: new Set(),
        deadline: clock.now() + 10_000,
        patience: 2000,
        beforeStep: async () => {},
        onStep: () => {},
        onWait: () => {},
        ...more,
      });
      if (reached.outcome === "ok" || reached.outcome === "changed") {
        await store.spec.set(settle(candidate, edit));
        await store.pins.set({ ...store.pins.get(), ...reached.pins });
      }
      return reached;
    },
  };
}
