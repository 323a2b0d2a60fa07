import { randomBytes } from "node:crypto";
import type { Clock } from "../../../../shared/clock.ts";
import { canonicalAddress } from "../../../../shared/nvme/address.ts";
import type { NodeId } from "../../../../shared/protocol/ids.ts";
import type { AssumedConnection, AssumedListener } from "../../../../shared/protocol/listener.ts";
import { parseKernelInteger } from "../../../observe/kernel-integer.ts";
import { intercept } from "../../intercept.ts";
import type { System } from "../../system.ts";
import { scan } from "../host/scan.ts";
import type { Established } from "../network.ts";
import type { AssumedTarget, KeyNamed } from "./assumed-target.ts";
import { capturePath } from "./capture-disks.ts";
import { captureFiles } from "./capture-files.ts";
import { Collector } from "./collector.ts";
import { addressesOf, connectionsOf, type KeyName, listenersOf } from "./listeners-of.ts";
import { type Shadow, shadowOf } from "./shadow.ts";
import { ShadowFabric } from "./shadow-fabric.ts";
import { captureNode } from "./snapshot.ts";
import { Timeline } from "./timeline.ts";

/**
 * A node on which things can be tried without consequence: its shadow, in a time that costs nothing, on a network of which only
 * questions are asked.
 */
export class Trial {
  readonly #real: System;
  readonly #shadow: Shadow;
  readonly #fabric: ShadowFabric;
  readonly #timeline: Timeline;

  private constructor(parts: { real: System; shadow: Shadow; fabric: ShadowFabric; timeline: Timeline }) {
    this.#real = parts.real;
    this.#shadow = parts.shadow;
    this.#fabric = parts.fabric;
    this.#timeline = parts.timeline;
  }

  /** Reads the node once. Rejects with a SystemError where it cannot be observed. */
  static async begin(real: System, clock: Clock): Promise<Trial> {
    const snapshot = await captureNode(real, clock);
    const timeline = new Timeline(clock.wall());
    const fabric = new ShadowFabric({ system: real, clock, timeline });
    const random = (length: number) => new Uint8Array(randomBytes(length));
    const shadow = await shadowOf(snapshot, { clock: timeline.background, random, fabric });
    fabric.begin(shadow.machine);
    return new Trial({ real, shadow, fabric, timeline });
  }

  /** To wait on: it is later at once. */
  get clock(): Clock {
    return this.#timeline.foreground;
  }

  get system(): System {
    const { system } = this.#shadow;
    const drive = <T>(work: Promise<T>) => this.#timeline.drive(work);
    return intercept(system, {
      do: (op, deadline) => drive(system.do(op, deadline)),
      dial: (to, deadline) => drive(system.dial(to, deadline)),
    });
  }

  /** What is going to be named, on the real node's disk: a task may export a file that nothing has named before. */
  async learn(paths: readonly string[]): Promise<void> {
    const collector = new Collector(this.#real);
    for (const path of paths) await capturePath(collector, path);
    this.#shadow.learn(collector.entries);
  }

  /** The same of files with their content, their permissions, and the way to them; `deep`: with all that lies below. */
  async learnFiles(paths: readonly string[], deep: boolean): Promise<void> {
    const collector = new Collector(this.#real);
    for (const path of paths) await captureFiles(collector, path, deep);
    this.#shadow.learn(collector.entries);
  }

  /** Takes targets as the check would make them. Who is connected there already sees their namespaces change. */
  assume(listeners: readonly AssumedListener[], keyNamed: KeyNamed): void {
    for (const listener of listeners) {
      const target = this.#fabric.assume(listener, keyNamed);
      if (target !== undefined) this.#rescan(listener, target);
    }
  }

  /** Takes hosts as connected, or as gone, as their checks would make them. */
  assumeConnections(connections: readonly AssumedConnection[]): void {
    const { network, nvmet } = this.#shadow.machine;
    for (const { transport, address, port, from, nqns } of connections) {
      const isTheirs = (each: Established) =>
        each.transport === transport && each.port === port && from.some((one) => isSame(one, each.remote));
      const there = network.established.some(isTheirs);
      if (nqns.length === 0) network.forget(isTheirs);
      const listens = network.listensOn(transport, port);
      if (nqns.length > 0 && !there && listens) {
        network.recall({ transport, local: address, port, remote: from[0] ?? "" });
      }
      for (const nqn of nqns) {
        const subsystem = nvmet.subsystems.get(nqn);
        if (subsystem !== undefined) subsystem.identified = true;
      }
    }
  }

  /** Where it is connected to others now. */
  connections(node: NodeId): AssumedConnection[] {
    return connectionsOf(this.#shadow.machine, node);
  }

  get addresses(): string[] {
    return addressesOf(this.#shadow.machine);
  }

  /** Where other nodes reach it now. */
  listeners(node: NodeId, keyName: KeyName): AssumedListener[] {
    return listenersOf(this.#shadow.machine, node, keyName);
  }

  #rescan({ transport, address, port }: AssumedListener, target: AssumedTarget): void {
    const { initiator } = this.#shadow.machine;
    for (const controller of initiator.controllers.values()) {
      const { settings, state, session } = controller;
      const isThere =
        settings.transport === transport &&
        canonicalAddress(settings.traddr) === canonicalAddress(address) &&
        parseKernelInteger(settings.trsvcid) === port;
      const views = isThere ? target.viewsOf(settings.nqn) : undefined;
      // With a session of the model's own it is told by the target itself.
      if (state === "live" && session === undefined && views !== undefined) scan(initiator, controller, views);
    }
  }
}

/** IPv4 over a socket of IPv6 shows as ::ffff:10.0.0.1. */
function isSame(one: string, other: string): boolean {
  return canonicalAddress(one) === canonicalAddress(other.replace(/^::ffff:(?=\d+\.)/i, ""));
}
