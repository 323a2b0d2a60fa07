import type { Duplex } from "node:stream";
import type { Millis } from "../../../shared/clock.ts";
import { familyOf } from "../../../shared/nvme/address.ts";
import type { InterfaceAddress } from "../system.ts";
import { Errno } from "./errno.ts";
import type { Events } from "./events.ts";
import type { Connection, Fabric, FabricAddress, FabricListener } from "./fabric/fabric.ts";
import { createMemoryFabric } from "./fabric/memory-fabric.ts";
import { canonicalAddress, isLoopback, isWildcard, loopbackAddresses, sameNetwork } from "./ip.ts";

/** A stream that came in, and the two addresses between which it runs. */
export interface Incoming extends Connection {
  local: string;
  remote: string;
  /** On a real network it would be so many connections: one for each queue. */
  multiply?(connections: number): void;
}

/** A connection that was taken here over TCP or RDMA, as long as it lasts. */
export interface Established {
  transport: string;
  local: string;
  port: number;
  remote: string;
}

/** One stream of the model, and how many connections stand in its place on a real network: one for each queue. */
interface Taken extends Established {
  connections: number;
}

export interface Listening extends FabricAddress {
  close(): Promise<void>;
}

/** A listening socket, and where the fabric knows it: on none of its addresses while they are not there. */
interface Socket {
  at: FabricAddress;
  accept(incoming: Incoming): void;
  bound: Map<string, FabricListener>;
}

/** How long connect(2) tries: six SYNs after the first, each after twice the time (net.ipv4.tcp_syn_retries). */
export const synPatience: Millis = 127_000;

/** The network of one node: its addresses, its listening sockets, and the fabric behind them. */
export class Network {
  readonly #fabric: Fabric;
  readonly #events: Events;
  readonly #addresses: InterfaceAddress[];
  readonly #down = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Map<Duplex, Taken | undefined>();
  #recalled: (Established & { lasts?: () => boolean })[] = [];
  /** Whether there are RDMA devices; more is not known of them. */
  rdma = false;
  #loopback: Fabric | undefined;

  /** Loopback's addresses are added, unless there are some. */
  constructor(addresses: readonly InterfaceAddress[], fabric: Fabric, events: Events) {
    this.#fabric = fabric;
    this.#events = events;
    const hasLoopback = addresses.some(({ address }) => isLoopback(address));
    this.#addresses = hasLoopback ? [] : [...loopbackAddresses];
    for (const address of addresses) {
      this.#addresses.push(address);
      if (isLoopback(address.address)) continue;
      fabric.attach?.(address.address, this);
    }
  }

  /** Those of interfaces that are up. */
  get addresses(): readonly InterfaceAddress[] {
    return this.#addresses.filter((each) => !this.#down.has(each.interface));
  }

  /** Listening TCP sockets, nvmet's among them. */
  get listeners(): readonly FabricAddress[] {
    return [...this.#sockets].flatMap(({ at }) => (at.transport === "tcp" ? [at] : []));
  }

  listensOn(transport: string, port: number): boolean {
    return [...this.#sockets].some(({ at }) => at.transport === transport && at.port === port);
  }

  /** Connections to this node's listeners, over TCP and RDMA. */
  get established(): readonly Established[] {
    const live = [...this.#streams].flatMap(([{ destroyed }, taken]) =>
      destroyed || !taken ? [] : connectionsOf(taken),
    );
    return [...this.#recalled.filter(({ lasts }) => lasts?.() !== false), ...live];
  }

  /** `ss -K`: ends the connections from there to this port, and gives them. */
  abort(remote: string, port: number): Established[] {
    const found = [...this.#streams].flatMap(([stream, taken]) =>
      !stream.destroyed && taken?.transport === "tcp" && taken.port === port && isSame(taken.remote, remote)
        ? [{ stream, taken }]
        : [],
    );
    for (const { stream } of found) stream.destroy();
    return found.flatMap(({ taken }) => connectionsOf(taken));
  }

  /** A connection that was found on the node that this one is a model of: it lasts as long as its listener, and as `lasts` says. */
  recall(connection: Established, lasts?: () => boolean): void {
    this.#recalled.push({ ...connection, ...(lasts && { lasts }) });
  }

  /** Such a connection has ended after all. */
  forget(ended: (connection: Established) => boolean): void {
    this.#recalled = this.#recalled.filter((connection) => !ended(connection));
  }

  /** `ip addr add`: sockets on the address, and on all, hear it from now on. Throws EEXIST. */
  async addAddress(address: InterfaceAddress): Promise<void> {
    if (this.has(address.address)) throw new Errno("EEXIST");
    this.#addresses.push(address);
    if (!this.#down.has(address.interface)) this.#fabric.attach?.(address.address, this);
    for (const socket of this.#sockets) {
      if (hears(socket.at, address)) await this.#bind(socket, address.address);
    }
    this.#events.emit({ subsystem: "net", action: "add", device: address.interface });
  }

  /** `ip addr del`: sockets on the address stay, and hear nothing. Throws EADDRNOTAVAIL. */
  async removeAddress(literal: string): Promise<void> {
    const at = this.#addresses.findIndex((each) => isSame(each.address, literal));
    const [gone] = at === -1 ? [] : this.#addresses.splice(at, 1);
    if (gone === undefined) throw new Errno("EADDRNOTAVAIL");
    this.#fabric.detach?.(gone.address, this);
    for (const { bound } of this.#sockets) {
      const listener = bound.get(gone.address);
      bound.delete(gone.address);
      await listener?.close();
    }
    this.#events.emit({ subsystem: "net", action: "remove", device: gone.interface });
  }

  /**
   * `ip link set up` and `down`: a machine keeps the IPv4 addresses of an interface that is down, and drops its IPv6
   * addresses for good (keep_addr_on_down is 0).
   */
  async setInterface(name: string, state: "up" | "down"): Promise<void> {
    if (state === "down") this.#down.add(name);
    else this.#down.delete(name);
    for (const { address, family } of this.#addresses.filter((each) => each.interface === name)) {
      if (state === "up") this.#fabric.attach?.(address, this);
      else if (family === "ipv6") await this.removeAddress(address);
      else this.#fabric.detach?.(address, this);
    }
    this.#events.emit({ subsystem: "net", action: "change", device: name });
  }

  /** A socket of another program: its address can no longer be bound. */
  occupy(address: string, port: number): void {
    this.#sockets.add({ at: { transport: "tcp", address, port }, accept: ({ stream }) => stream, bound: new Map() });
  }

  /** Throws EADDRNOTAVAIL for an address of another machine, EADDRINUSE where something listens already. */
  async listen(at: FabricAddress, accept: (incoming: Incoming) => void): Promise<Listening> {
    if (at.transport === "tcp" && !isWildcard(at.address) && !this.has(at.address)) throw new Errno("EADDRNOTAVAIL");
    if ([...this.#sockets].some((other) => conflict(other.at, at))) throw new Errno("EADDRINUSE");
    return this.restore(at, accept);
  }

  /** A listener that was found: nobody asks whether it could be made now. */
  async restore(at: FabricAddress, accept: (incoming: Incoming) => void): Promise<Listening> {
    const socket: Socket = { at, accept, bound: new Map() };
    this.#sockets.add(socket);
    const close = async () => {
      this.#sockets.delete(socket);
      this.#recalled = this.#recalled.filter(
        ({ transport, local, port }) => transport !== at.transport || port !== at.port || !concerns(at.address, local),
      );
      await Promise.all([...socket.bound.values()].map((each) => each.close()));
    };
    const own = at.transport === "tcp" ? this.#addresses.filter((each) => hears(at, each)) : [];
    // One of 127.0.0.0/8 need not be listed.
    const addresses = own.length > 0 ? own.map(({ address }) => address) : [at.address];
    try {
      for (const address of addresses) await this.#bind(socket, address);
    } catch (error) {
      await close();
      throw error;
    }
    return { ...at, close };
  }

  /** A connection from `from` (one of this node's addresses) or from whichever fits, waited for as long as `patience`. */
  async dial(to: FabricAddress, patience: Millis, from?: string): Promise<Connection & { from: string }> {
    if (from !== undefined && !this.has(from)) throw new Errno("EADDRNOTAVAIL");
    const source = from ?? this.sourceFor(to);
    const where = { ...to, address: canonicalAddress(to.address) };
    const connection = await this.#over(to.transport, to.address).dial(where, source, patience);
    this.#keep(connection.stream, undefined);
    return { ...connection, from: source };
  }

  has(address: string): boolean {
    return isLoopback(address) || this.#addresses.some((each) => isSame(each.address, address));
  }

  /** The address that a connection to there would come from. Throws ENETUNREACH. */
  sourceFor({ transport, address }: FabricAddress): string {
    if (transport === "loop" || this.has(address)) return address;
    const candidates = this.addresses.filter((each) => each.family === familyOf(address) && !isLoopback(each.address));
    const near = candidates.find((each) => sameNetwork(each.address, address, each.prefix)) ?? candidates[0];
    if (near === undefined) throw new Errno("ENETUNREACH");
    return near.address;
  }

  /** Power loss: nothing of this node is heard any more, not even that its connections ended. */
  async cut(): Promise<void> {
    for (const { address } of this.#addresses) this.#fabric.detach?.(address, this);
    for (const stream of [...this.#streams.keys()]) stream.destroy();
    await Promise.all([...this.#sockets].flatMap(({ bound }) => [...bound.values()].map((each) => each.close())));
    this.#sockets.clear();
  }

  async #bind(socket: Socket, address: string): Promise<void> {
    const { at, accept } = socket;
    const where = { ...at, address: canonicalAddress(address) };
    const listener = await this.#over(at.transport, address).listen(where, (connection, remote) => {
      const taken: Taken = { transport: at.transport, local: address, port: at.port, remote, connections: 1 };
      const multiply = (connections: number) => {
        taken.connections = connections;
      };
      this.#keep(connection.stream, at.transport === "loop" ? undefined : taken);
      accept({ ...connection, local: address, remote, multiply });
    });
    socket.bound.set(address, listener);
  }

  #keep(stream: Duplex, taken: Taken | undefined): void {
    this.#streams.set(stream, taken);
    stream.once("close", () => this.#streams.delete(stream));
  }

  #over(transport: string, address: string): Fabric {
    if ((transport === "tcp" || transport === "rdma") && !isLoopback(address)) return this.#fabric;
    this.#loopback ??= createMemoryFabric();
    return this.#loopback;
  }
}

function concerns(listening: string, local: string): boolean {
  return isWildcard(listening) || isSame(listening, local.replace(/^::ffff:(?=\d+\.)/i, ""));
}

function connectionsOf({ connections, ...each }: Taken): Established[] {
  return Array.from({ length: connections }, () => each);
}

function isSame(one: string, other: string): boolean {
  return canonicalAddress(one) === canonicalAddress(other);
}

/** Whether a socket takes connections to an address. */
function hears({ transport, address }: FabricAddress, own: InterfaceAddress): boolean {
  if (transport !== "tcp") return false;
  if (!isWildcard(address)) return isSame(address, own.address);
  // A socket on :: takes IPv4 too (net.ipv6.bindv6only is 0 everywhere).
  return familyOf(address) === "ipv6" || own.family === "ipv4";
}

function conflict(one: FabricAddress, other: FabricAddress): boolean {
  if (one.transport !== other.transport || one.port !== other.port) return false;
  const both = [one.address, other.address];
  if (isSame(one.address, other.address)) return true;
  const sameFamily = familyOf(one.address) === familyOf(other.address);
  return both.some((address) => isWildcard(address) && (sameFamily || familyOf(address) === "ipv6"));
}
