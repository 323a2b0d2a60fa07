import type { Duplex } from "node:stream";

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

/** The network between model nodes. */
export interface Fabric {
  /** `from` is the address of the other end. Rejects with an {@link Errno}: EADDRINUSE. */
  listen(at: FabricAddress, accept: (stream: Duplex, from: string) => void): Promise<FabricListener>;
  /** Rejects with an {@link Errno}: ECONNREFUSED. */
  dial(to: FabricAddress, from: string): Promise<Duplex>;
}

/** `tcp-10.0.0.1-4420`: also a file's name. */
export function fabricKey({ transport, address, port }: FabricAddress): string {
  return `${transport}-${address.replaceAll("/", "_")}-${port}`;
}
