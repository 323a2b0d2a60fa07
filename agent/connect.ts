import type { Clock } from "../shared/clock.ts";
import { FlashfleetError } from "../shared/errors.ts";

interface Patience {
  /** Whether this node has anything to look after. */
  hasWork(): boolean;
  clock: Clock;
  /** From 0 to 1. */
  random(): number;
  /** Told about each refusal after which it is tried again. */
  onRefused(error: FlashfleetError): void;
  signal: AbortSignal;
}

/** Milliseconds between two tries, at the least. */
const pause = 5000;

/**
 * Makes the first connection to the bus. A server that refuses our token is a mistake of whoever sets up a new node, and is
 * thrown; a node that has exports or connections to look after outlives it: the server may be another one for a while.
 */
export async function connectPatiently<T>(connect: () => Promise<T>, patience: Patience): Promise<T> {
  const { hasWork, clock, random, onRefused, signal } = patience;
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof FlashfleetError && error.code === "bus_auth" && hasWork())) throw error;
      onRefused(error);
    }
    await clock.sleep(pause * (1 + random()), signal);
  }
}
