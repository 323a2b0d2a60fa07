import type { NodeId } from "../../shared/protocol/ids.ts";
import { type Cell, cells, type Store } from "./store.ts";

/** A store that lasts as long as the process: for nodes whose kernel is a model in the same process. */
export function createMemoryStore(node: NodeId): Store {
  const { spec, owned, pins, secrets, journal, sequence } = cells(node);
  return {
    spec: memoryCell(spec.empty),
    owned: memoryCell(owned.empty),
    pins: memoryCell(pins.empty),
    secrets: memoryCell(secrets.empty),
    journal: memoryCell(journal.empty),
    sequence: memoryCell<number>(sequence.empty),
  };
}

function memoryCell<T>(value: T): Cell<T> {
  let now = value;
  return {
    get: () => now,
    set: async (next) => {
      now = next;
    },
  };
}
