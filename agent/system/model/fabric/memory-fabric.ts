import type { Duplex } from "node:stream";
import { Errno } from "../errno.ts";
import { type Fabric, fabricKey } from "./fabric.ts";
import { streamPair } from "./stream-pair.ts";

/** A network within this process. */
export function createMemoryFabric(): Fabric {
  const listeners = new Map<string, (stream: Duplex, from: string) => void>();
  return {
    async listen(at, accept) {
      const key = fabricKey(at);
      if (listeners.has(key)) throw new Errno("EADDRINUSE");
      listeners.set(key, accept);
      return {
        close: async () => {
          listeners.delete(key);
        },
      };
    },
    async dial(to, from) {
      const accept = listeners.get(fabricKey(to));
      if (accept === undefined) throw new Errno("ECONNREFUSED");
      const [near, far] = streamPair();
      accept(far, from);
      return near;
    },
  };
}
