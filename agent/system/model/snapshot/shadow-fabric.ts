import type { Duplex } from "node:stream";
import { type Clock, deadlineIn, type Millis } from "../../../../shared/clock.ts";
import { canonicalAddress } from "../../../../shared/nvme/address.ts";
import type { NodeId } from "../../../../shared/protocol/ids.ts";
import type { AssumedListener } from "../../../../shared/protocol/listener.ts";
import { type System, SystemError } from "../../system.ts";
import { Errno } from "../errno.ts";
import { type Connection, type Fabric, type FabricAddress, type FabricListener, steadyLine } from "../fabric/fabric.ts";
import type { NamespaceView } from "../fabric/messages.ts";
import { streamPair } from "../fabric/stream-pair.ts";
import type { Machine } from "../machine.ts";
import { Controllers } from "../nvmet/controllers.ts";
import { AssumedTarget, type KeyNamed } from "./assumed-target.ts";
import { answerForTarget } from "./probed-target.ts";
import type { Timeline } from "./timeline.ts";

/** Milliseconds of real time for a connection to come up: as long as the guard before a connect gives it. */
const dialMillis: Millis = 3_000;

/** Linux 5.0 does not notice what comes right after it accepted a connection. */
const deafMillis: Millis = 20;

interface Outside {
  /** The node that the shadow is of: its network is asked, and nothing of it changed. */
  system: System;
  clock: Clock;
  timeline: Timeline;
}

type Accept = (connection: Connection, from: string) => void;

/** Controller ids of targets that are there: far from those that a target of the model gives out. */
const firstUnknownCntlid = 0x8000;

/**
 * What a shadow is connected to: itself, then targets as the check would make them, then, to look only, the network of the node
 * that it is a shadow of.
 */
export class ShadowFabric implements Fabric {
  readonly #outside: Outside;
  readonly #own = new Map<string, Accept>();
  readonly #assumed = new Map<string, AssumedTarget>();
  readonly #controllers = new Map<NodeId, Controllers>();
  /** Controller ids that the node was found with. Whose they are is not known: no assumed target gives them out again. */
  #found: ReadonlySet<number> = new Set();
  #machine: Machine | undefined;
  #cntlid = firstUnknownCntlid;

  constructor(outside: Outside) {
    this.#outside = outside;
  }

  /** The machine behind it, once it has begun. */
  begin(machine: Machine): void {
    this.#machine = machine;
    const { controllers } = machine.initiator;
    this.#found = new Set([...controllers.values()].flatMap(({ info }) => info?.cntlid ?? []));
  }

  /** From now on a target is what the check would make of it. */
  assume(listener: AssumedListener, keyNamed: KeyNamed): AssumedTarget | undefined {
    if (this.#machine === undefined) return undefined;
    const key = keyOf({ ...listener });
    const controllers = this.#controllers.get(listener.node) ?? new Controllers(this.#found);
    this.#controllers.set(listener.node, controllers);
    const target = this.#assumed.get(key) ?? new AssumedTarget(this.#machine, controllers);
    this.#assumed.set(key, target);
    target.update(listener, keyNamed);
    return target;
  }

  async listen(at: FabricAddress, accept: Accept): Promise<FabricListener> {
    const key = keyOf(at);
    this.#own.set(key, accept);
    return {
      close: async () => {
        if (this.#own.get(key) === accept) this.#own.delete(key);
      },
    };
  }

  async dial(to: FabricAddress, from: string): Promise<Connection> {
    const own = this.#own.get(keyOf(to));
    const assumed = this.#assumed.get(keyOf(to));
    if (own === undefined && assumed === undefined && !this.#refuses(to)) return this.#probe(to);
    if (own === undefined && assumed?.listens !== true) throw new Errno("ECONNREFUSED");
    const [near, far] = streamPair();
    const connection = { stream: far, line: steadyLine };
    if (own !== undefined) own(connection, from);
    else assumed?.serve({ ...connection, local: to.address, remote: from });
    return { stream: near, line: steadyLine };
  }

  /** An address of its own where nothing listens on the shadow, although on the node there may still be something. */
  #refuses({ address, port }: FabricAddress): boolean {
    const { network } = this.#machine ?? {};
    if (!network?.has(address)) return false;
    return !network.listeners.some((each) => each.port === port);
  }

  async #probe(to: FabricAddress): Promise<Connection> {
    const { system, clock, timeline } = this.#outside;
    const [near, far] = streamPair();
    const means = { timeline, known: (nqn: string) => this.#known(nqn), cntlid: () => this.#cntlid++ };
    // Whether a target answers over RDMA cannot be asked without the kernel.
    if (to.transport !== "tcp") {
      answerForTarget(far, undefined, means);
      return { stream: near, line: steadyLine };
    }
    const dial = async (): Promise<Duplex> => {
      const stream = await system.dial({ address: to.address, port: to.port }, deadlineIn(clock, dialMillis));
      await clock.sleep(deafMillis);
      return stream;
    };
    const real = await timeline.outside(dial()).catch((error: unknown) => {
      throw error instanceof SystemError ? new Errno(error.errno) : error;
    });
    answerForTarget(far, real, means);
    return { stream: near, line: steadyLine };
  }

  #known(nqn: string): NamespaceView[] | undefined {
    const subsystems = [...(this.#machine?.initiator.subsystems ?? [])].filter((each) => each.nqn === nqn);
    const views = subsystems.flatMap(({ heads }) => [...heads].flatMap(({ paths }) => [...paths.values()].slice(0, 1)));
    return views.length === 0 ? undefined : views.map(({ view }) => view);
  }
}

function keyOf({ transport, address, port }: FabricAddress): string {
  return `${transport} ${canonicalAddress(address)} ${port}`;
}
