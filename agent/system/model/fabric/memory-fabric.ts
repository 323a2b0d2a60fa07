import type { Duplex } from "node:stream";
import { type Clock, type Millis, systemClock } from "../../../../shared/clock.ts";
import { Errno } from "../errno.ts";
import { canonicalAddress } from "../ip.ts";
import { DelayedLine } from "./delayed-line.ts";
import { type Connection, type Fabric, type FabricAddress, fabricKey, type Owner } from "./fabric.ts";
import { streamPair } from "./stream-pair.ts";
import { type LinkTrouble, type Reach, Troubles } from "./trouble.ts";

/** A network within this process, whose links can be troubled. */
export interface MemoryFabric extends Fabric {
  /** Does this to links, from now until it is healed. Of more than one on a link the worst counts. */
  trouble(trouble: LinkTrouble): { heal(): void };
}

/** Three requests of ARP, a second apart, without an answer (mcast_solicit, retrans_time_ms). */
const neighbourPatience: Millis = 3_000;

/** An end of a connection, and who had its address when it was made. */
interface Side {
  stream: Duplex;
  address: string;
  owner: Owner | undefined;
}

interface Made {
  line: DelayedLine;
  sides: readonly [Side, Side];
}

/** Time is needed only for links that are troubled, and for addresses that nobody has. */
export function createMemoryFabric(clock: Clock = systemClock): MemoryFabric {
  return new Switch(clock);
}

class Switch implements MemoryFabric {
  readonly #clock: Clock;
  readonly #listeners = new Map<string, (connection: Connection, from: string) => void>();
  readonly #owners = new Map<string, Owner>();
  /** Once somebody attached an address: nobody answers at one that nobody has. */
  #followsAddresses = false;
  readonly #troubles = new Troubles();
  readonly #made = new Set<Made>();
  readonly #dialling = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async listen(at: FabricAddress, accept: (connection: Connection, from: string) => void) {
    const key = fabricKey(at);
    if (this.#listeners.has(key)) throw new Errno("EADDRINUSE");
    this.#listeners.set(key, accept);
    return {
      close: async () => {
        this.#listeners.delete(key);
      },
    };
  }

  async dial(to: FabricAddress, from: string, patience: Millis): Promise<Connection> {
    await this.#reach(to.address, from, patience);
    const accept = this.#listeners.get(fabricKey(to));
    if (accept === undefined) throw new Errno("ECONNREFUSED");
    const line = new DelayedLine(this.#clock, this.#between(from, to.address).delay);
    const [near, far] = streamPair(line);
    this.#keep(line, { stream: near, address: from }, { stream: far, address: to.address });
    accept({ stream: far, line }, from);
    return { stream: near, line };
  }

  attach(address: string, owner: Owner): void {
    const key = canonicalAddress(address);
    this.#owners.set(key, owner);
    this.#followsAddresses = true;
    for (const { sides } of [...this.#made]) {
      for (const [mine, peer] of [sides, [...sides].reverse()]) {
        if (mine?.address === key && mine.owner !== undefined && mine.owner !== owner) peer?.stream.destroy();
      }
    }
    this.#changed();
  }

  detach(address: string, owner: Owner): void {
    const key = canonicalAddress(address);
    if (this.#owners.get(key) !== owner) return;
    this.#owners.delete(key);
    this.#changed();
  }

  trouble(trouble: LinkTrouble): { heal(): void } {
    const heal = this.#troubles.add(trouble);
    this.#changed();
    return {
      heal: () => {
        heal();
        this.#changed();
      },
    };
  }

  /** Waits until a packet and its answer came through. */
  async #reach(to: string, from: string, patience: Millis): Promise<void> {
    const until = this.#clock.now() + patience;
    const began = this.#clock.now();
    for (;;) {
      const { delay, dial } = this.#between(from, to);
      const left = began + 2 * delay - this.#clock.now();
      if (left <= 0) return;
      const givesUp = dial === "EHOSTUNREACH" ? Math.min(until, began + neighbourPatience) : until;
      if (this.#clock.now() >= givesUp) throw new Errno(dial);
      await this.#pause(Math.min(left, givesUp - this.#clock.now()));
    }
  }

  /** So long, or until something about the network changes. */
  async #pause(millis: Millis): Promise<void> {
    const changed = new AbortController();
    const wake = () => changed.abort();
    this.#dialling.add(wake);
    await this.#clock.sleep(millis, changed.signal).catch(() => {});
    this.#dialling.delete(wake);
  }

  #between(from: string, to: string): Reach {
    const [one, other] = [canonicalAddress(from), canonicalAddress(to)];
    // Its own packets do not leave a machine.
    if (one === other) return { delay: 0, dial: "ETIMEDOUT" };
    const nobody = [one, other].some((address) => !this.#owners.has(address));
    if (this.#followsAddresses && nobody) return { delay: Number.POSITIVE_INFINITY, dial: "EHOSTUNREACH" };
    return this.#troubles.between(one, other);
  }

  #keep(line: DelayedLine, ...sides: [Omit<Side, "owner">, Omit<Side, "owner">]): void {
    const [near, far] = sides.map(({ stream, address }): Side => {
      const key = canonicalAddress(address);
      return { stream, address: key, owner: this.#owners.get(key) };
    });
    if (near === undefined || far === undefined) return;
    const made: Made = { line, sides: [near, far] };
    this.#made.add(made);
    const over = () => {
      if (near.stream.destroyed && far.stream.destroyed) this.#made.delete(made);
    };
    near.stream.once("close", over);
    far.stream.once("close", over);
  }

  #changed(): void {
    for (const { line, sides } of [...this.#made]) {
      const [near, far] = sides;
      const isOurs = ({ address, owner }: Side) => owner === undefined || this.#owners.get(address) === owner;
      const local = near.address === far.address;
      const delay = this.#between(near.address, far.address).delay;
      line.setDelay(local || sides.every(isOurs) ? delay : Number.POSITIVE_INFINITY);
    }
    for (const wake of [...this.#dialling]) wake();
  }
}
