import type { Duplex } from "node:stream";
import type { Millis } from "../../../../shared/clock.ts";

/** Where a target listens on the model's network. */
export interface FabricAddress {
  transport: string;
  address: string;
  port: number;
}

export interface FabricListener {
  /** Afterwards connects are refused; streams that are open stay open. */
  close(): Promise<void>;
}

/** What the ends of a connection can know of the way between them. Timers that only a fault needs are begun when it changes. */
export interface Line {
  /** Of a message and its answer; Infinity while packets vanish. */
  readonly roundTrip: Millis;
  /** Calls back whenever it changed, until the function that it gives is called. */
  onChange(changed: () => void): () => void;
}

export interface Connection {
  stream: Duplex;
  line: Line;
}

/** Who uses an address of the network: a node, from boot to boot. */
export type Owner = object | string;

/** The network between model nodes. */
export interface Fabric {
  /** `from` is the address of the other end. Rejects with an {@link Errno}: EADDRINUSE. */
  listen(at: FabricAddress, accept: (connection: Connection, from: string) => void): Promise<FabricListener>;
  /**
   * Rejects with an {@link Errno}: ECONNREFUSED, and where packets vanish ETIMEDOUT after `patience` or EHOSTUNREACH before.
   */
  dial(to: FabricAddress, from: string, patience: Millis): Promise<Connection>;
  /**
   * Packets to the address reach this owner from now on. Who had a connection to an earlier owner of it loses it, as by the
   * reset that a host answers with. Missing where the network does not follow addresses.
   */
  attach?(address: string, owner: Owner): void;
  /** Nobody answers there any more: connections over the address stay, in silence, until the owner has it back. */
  detach?(address: string, owner: Owner): void;
}

/** A line over which nothing can happen. */
export const steadyLine: Line = { roundTrip: 0, onChange: () => () => {} };

/** `tcp-10.0.0.1-4420`: also a file's name. */
export function fabricKey({ transport, address, port }: FabricAddress): string {
  return `${transport}-${address.replaceAll("/", "_")}-${port}`;
}
