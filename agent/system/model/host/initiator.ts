import type { Clock } from "../../../../shared/clock.ts";
import type { Change } from "../../system.ts";
import { Errno } from "../errno.ts";
import type { Events } from "../events.ts";
import type { Connected, NamespaceView } from "../fabric/messages.ts";
import type { Modules } from "../modules.ts";
import type { Network } from "../network.ts";
import { type RandomBytes, randomUuid } from "../random.ts";
import type { Uses } from "../uses.ts";
import type { Kernel } from "../versions.ts";
import { HostController, type HostPair } from "./controller.ts";
import { type ConnectSettings, parseConnectLine, tcpEndpoint } from "./options.ts";
import { type Head, HostSubsystem, shareAnId } from "./subsystem.ts";

/** What the initiator needs of the machine that it runs on. */
export interface InitiatorMachine {
  kernel: Kernel;
  clock: Clock;
  random: RandomBytes;
  modules: Modules;
  network: Network;
  uses: Uses;
  events: Events;
  /** Instances of controllers that are not the initiator's: local drives. */
  takenInstances(): Iterable<number>;
}

const transportModules: Readonly<Record<string, string>> = { tcp: "nvme_tcp", loop: "nvme_loop" };

/** The NVMe host over fabrics (drivers/nvme/host): /dev/nvme-fabrics, its controllers, subsystems and disks. */
export class Initiator {
  readonly machine: InitiatorMachine;
  readonly controllers = new Map<number, HostController>();
  readonly subsystems = new Set<HostSubsystem>();
  #own: HostPair | undefined;

  constructor(machine: InitiatorMachine) {
    this.machine = machine;
  }

  get kernel(): Kernel {
    return this.machine.kernel;
  }

  emit(subsystem: Change["subsystem"], action: string, device: string): void {
    this.machine.events.emit({ subsystem, action, device });
  }

  /** One write to /dev/nvme-fabrics. Throws its errno. */
  async connect(line: string): Promise<HostController> {
    const settings = parseConnectLine(line, this.kernel);
    const host = this.#hostOf(settings);
    const module = transportModules[settings.transport];
    if (module === undefined || !this.machine.modules.request(module)) {
      throw new Errno("EINVAL", `no handler found for transport ${settings.transport}`);
    }
    if (settings.transport === "tcp") tcpEndpoint(settings.traddr, settings.trsvcid);
    if (settings.hostIface !== undefined) this.addressOf(settings.hostIface);
    if (!settings.duplicate && this.#exists(settings, host)) throw new Errno("EALREADY");
    if (settings.tls) throw new Errno("ENOKEY", "no valid PSK found");
    const controller = new HostController(this, this.#freeInstance(), settings, host);
    this.controllers.set(controller.instance, controller);
    this.emit("nvme", "add", controller.name);
    try {
      await controller.start();
      return controller;
    } catch (error) {
      controller.remove();
      throw error;
    }
  }

  /** Puts a controller that is about to be live under its subsystem. Throws EINVAL where its cntlid is taken there. */
  join(controller: HostController, connected: Connected): void {
    const { nqn } = controller.settings;
    const kind = connected.kind === "discovery" ? "discovery" : "nvm";
    // Each discovery controller has a subsystem of its own.
    const shared = kind === "nvm" ? [...this.subsystems].find((each) => each.nqn === nqn) : undefined;
    for (const other of shared?.controllers ?? []) {
      if (other.info?.cntlid === connected.cntlid && !other.isLeaving) throw new Errno("EINVAL", "Duplicate cntlid");
    }
    const subsystem = shared ?? new HostSubsystem(this.#subsystemInstance(controller), { ...connected, nqn, kind });
    this.subsystems.add(subsystem);
    subsystem.controllers.add(controller);
    controller.subsystem = subsystem;
  }

  leave(controller: HostController): void {
    const { subsystem } = controller;
    subsystem?.controllers.delete(controller);
    if (subsystem?.controllers.size === 0) this.subsystems.delete(subsystem);
    this.controllers.delete(controller.instance);
    this.emit("nvme", "remove", controller.name);
  }

  /** Whether another subsystem has a namespace of this identity: a second one is ignored. */
  isKnownElsewhere(subsystem: HostSubsystem, view: NamespaceView): boolean {
    return [...this.subsystems].some(
      (other) => other !== subsystem && [...other.heads].some((head) => shareAnId(head, view)),
    );
  }

  /** The disk of this kernel name. */
  head(name: string): { subsystem: HostSubsystem; head: Head } | undefined {
    for (const subsystem of this.subsystems) {
      for (const head of subsystem.heads) if (subsystem.nameOf(head) === name) return { subsystem, head };
    }
    return undefined;
  }

  /** The first address of an interface; undefined for none asked. Throws ENODEV. */
  addressOf(name: string | undefined): string | undefined {
    if (name === undefined) return undefined;
    const found = this.machine.network.addresses.find((each) => each.interface === name);
    if (found === undefined) throw new Errno("ENODEV", `invalid interface passed: ${name}`);
    return found.address;
  }

  /** Ends everything at once, as power loss does. */
  stop(): void {
    for (const controller of [...this.controllers.values()]) controller.remove();
  }

  /** nvmf_host_add: one host NQN goes with one host id, over all controllers and the node's own pair. Throws EINVAL. */
  #hostOf({ hostnqn, hostid }: ConnectSettings): HostPair {
    this.#own ??= ownPair(this.machine.random);
    const asked = { nqn: hostnqn ?? this.#own.nqn, id: hostid ?? this.#own.id };
    if (!this.kernel.does.hostPairs) return asked;
    for (const { nqn, id } of [this.#own, ...[...this.controllers.values()].map(({ host }) => host)]) {
      if ((nqn === asked.nqn) !== (id === asked.id))
        throw new Errno("EINVAL", "found same hostnqn or hostid, but not both");
    }
    return asked;
  }

  #exists(settings: ConnectSettings, host: HostPair): boolean {
    return [...this.controllers.values()].some(
      (each) =>
        !each.isLeaving &&
        each.host.nqn === host.nqn &&
        each.host.id === host.id &&
        (["nqn", "transport", "traddr", "trsvcid"] as const).every((key) => each.settings[key] === settings[key]) &&
        each.settings.hostTraddr === settings.hostTraddr &&
        each.settings.hostIface === settings.hostIface,
    );
  }

  #subsystemInstance(controller: HostController): number {
    if (this.kernel.does.subsystemNamedByController) return controller.instance;
    const taken = new Set([...this.subsystems].map(({ instance }) => instance));
    for (const instance of this.machine.takenInstances()) taken.add(instance);
    return lowest(taken);
  }

  /** The lowest one that no controller, no subsystem and no disk that somebody still holds has. */
  #freeInstance(): number {
    const taken = new Set([...this.controllers.keys(), ...this.machine.takenInstances()]);
    for (const { instance } of this.subsystems) taken.add(instance);
    for (const [device] of this.machine.uses.devices()) {
      const held = /^nvme(\d+)n/.exec(device);
      if (held !== null) taken.add(Number(held[1]));
    }
    return lowest(taken);
  }
}

function lowest(taken: ReadonlySet<number>): number {
  let instance = 0;
  while (taken.has(instance)) instance++;
  return instance;
}

/** The pair that the kernel makes at boot. */
function ownPair(random: RandomBytes): HostPair {
  const id = randomUuid(random);
  return { nqn: `nqn.2014-08.org.nvmexpress:uuid:${id}`, id };
}
