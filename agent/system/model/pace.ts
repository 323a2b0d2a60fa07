import type { Millis } from "../../../shared/clock.ts";

/** How long the kernel takes for what it does on its own. */
export interface Pace {
  /** For a first connect, besides what the network takes. */
  connect: Millis;
  /** For the disks of a controller that is live. */
  scan: Millis;
  /** From one reconnect to the next, besides its delay. */
  retry: Millis;
  /** For a target to forget a controller whose connection has ended: so long its id is taken. */
  release: Millis;
}
