import type { Duplex } from "node:stream";
import { familyOf } from "../../../shared/nvme/address.ts";
import type { InterfaceAddress } from "../system.ts";
import { Errno } from "./errno.ts";
import type { Fabric, FabricAddress, FabricListener } from "./fabric/fabric.ts";
import { createMemoryFabric } from "./fabric/memory-fabric.ts";
import { canonicalAddress, isLoopback, isWildcard, loopbackAddresses, sameNetwork } from "./ip.ts";

/** A stream that came in, and the two addresses between which it runs. */
export interface Incoming {
  stream: Duplex;
  local: string;
  remote: string;
}

/** A TCP connection that was taken here, as long as it lasts. */
export interface Established {
  local: string;
  port: number;
  remote: string;
}

export interface Listening extends FabricAddress {
  close(): Promise<void>;
}

/** The network of one node: its addresses, its listening sockets, and the fabric behind them. */
export class Network {
  readonly addresses: readonly InterfaceAddress[];
  readonly #fabric: Fabric;
  readonly #listening = new Set<FabricAddress>();
  readonly #established = new Map<Duplex, Established>();
  #loopback: Fabric | undefined;

  constructor(addresses: readonly InterfaceAddress[], fabric: Fabric) {
    this.addresses = [...loopbackAddresses, ...addresses];
    this.#fabric = fabric;
  }

  /** Listening TCP sockets, nvmet's among them. */
  get listeners(): readonly FabricAddress[] {
    return [...this.#listening].filter(({ transport }) => transport === "tcp");
  }

  /** TCP connections to this node's listeners. */
  get established(): readonly Established[] {
    return [...this.#established].flatMap(([stream, connection]) => (stream.destroyed ? [] : [connection]));
  }

  /** A socket of another program: its address can no longer be bound. */
  occupy(address: string, port: number): void {
    this.#listening.add({ transport: "tcp", address, port });
  }

  /** Throws EADDRNOTAVAIL for an address of another machine, EADDRINUSE where something listens already. */
  async listen(at: FabricAddress, accept: (incoming: Incoming) => void): Promise<Listening> {
    if (at.transport === "tcp" && !isWildcard(at.address) && !this.has(at.address)) throw new Errno("EADDRNOTAVAIL");
    if ([...this.#listening].some((other) => conflict(other, at))) throw new Errno("EADDRINUSE");
    this.#listening.add(at);
    const opened: FabricListener[] = [];
    const close = async () => {
      this.#listening.delete(at);
      await Promise.all(opened.map((each) => each.close()));
    };
    try {
      for (const address of this.#bound(at)) {
        const where = { ...at, address: canonicalAddress(address) };
        const listener = await this.#over(at.transport, address).listen(where, (stream, remote) => {
          if (at.transport === "tcp") this.#keep(stream, { local: address, port: at.port, remote });
          accept({ stream, local: address, remote });
        });
        opened.push(listener);
      }
    } catch (error) {
      await close();
      throw error;
    }
    return { ...at, close };
  }

  /** A connection from `from` (one of this node's addresses) or from whichever fits. */
  async dial(to: FabricAddress, from?: string): Promise<{ stream: Duplex; from: string }> {
    if (from !== undefined && !this.has(from)) throw new Errno("EADDRNOTAVAIL");
    const source = from ?? this.sourceFor(to);
    const where = { ...to, address: canonicalAddress(to.address) };
    return { stream: await this.#over(to.transport, to.address).dial(where, source), from: source };
  }

  has(address: string): boolean {
    const wanted = canonicalAddress(address);
    return isLoopback(address) || this.addresses.some((each) => canonicalAddress(each.address) === wanted);
  }

  /** The address that a connection to there would come from. Throws ENETUNREACH. */
  sourceFor({ transport, address }: FabricAddress): string {
    if (transport !== "tcp" || this.has(address)) return address;
    const candidates = this.addresses.filter((each) => each.family === familyOf(address) && !isLoopback(each.address));
    const near = candidates.find((each) => sameNetwork(each.address, address, each.prefix)) ?? candidates[0];
    if (near === undefined) throw new Errno("ENETUNREACH");
    return near.address;
  }

  #keep(stream: Duplex, connection: Established): void {
    this.#established.set(stream, connection);
    stream.once("close", () => this.#established.delete(stream));
  }

  #bound({ transport, address }: FabricAddress): string[] {
    if (transport !== "tcp" || !isWildcard(address)) return [address];
    const family = familyOf(address);
    // A socket on :: takes IPv4 too (net.ipv6.bindv6only is 0 everywhere).
    return this.addresses.filter((each) => family === "ipv6" || each.family === "ipv4").map((each) => each.address);
  }

  #over(transport: string, address: string): Fabric {
    if (transport === "tcp" && !isLoopback(address)) return this.#fabric;
    this.#loopback ??= createMemoryFabric();
    return this.#loopback;
  }
}

function conflict(one: FabricAddress, other: FabricAddress): boolean {
  if (one.transport !== other.transport || one.port !== other.port) return false;
  const both = [one.address, other.address];
  if (canonicalAddress(one.address) === canonicalAddress(other.address)) return true;
  const sameFamily = familyOf(one.address) === familyOf(other.address);
  return both.some((address) => isWildcard(address) && (sameFamily || familyOf(address) === "ipv6"));
}
