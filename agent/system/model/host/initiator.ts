import type { Clock } from "../../../../shared/clock.ts";
import { familyOf } from "../../../../shared/nvme/address.ts";
import { Errno } from "../errno.ts";
import type { Events } from "../events.ts";
import type { Connected, NamespaceView } from "../fabric/messages.ts";
import type { KernelLog } from "../kernel-log.ts";
import type { Modules } from "../modules.ts";
import type { Network } from "../network.ts";
import type { Pace } from "../pace.ts";
import { type RandomBytes, randomUuid } from "../random.ts";
import type { Uses } from "../uses.ts";
import type { Kernel } from "../versions.ts";
import { assertKey } from "./authentication.ts";
import { HostController } from "./controller.ts";
import { type ConnectSettings, type HostPair, parseConnectLine, tcpEndpoint } from "./options.ts";
import { dropHead } from "./scan.ts";
import { type Disk, HostSubsystem, shareAnId } from "./subsystem.ts";
import { tellController, tellSensor, tellSubsystem } from "./uevents.ts";

/** What the initiator needs of the machine that it runs on. */
export interface InitiatorMachine {
  kernel: Kernel;
  clock: Clock;
  random: RandomBytes;
  modules: Modules;
  network: Network;
  uses: Uses;
  events: Events;
  log: KernelLog;
  pace: Pace;
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

  /** One write to /dev/nvme-fabrics. Throws its errno, after the kernel's log has its detail. */
  async connect(line: string): Promise<HostController> {
    const { settings, host } = this.#logged("nvme_fabrics", () => this.#asked(line));
    this.#logged("nvme_tcp", () => this.#checkAddresses(settings));
    if (!settings.duplicate && this.#exists(settings, host)) throw new Errno("EALREADY");
    if (this.kernel.built.has("auth")) {
      for (const secret of [settings.secret, settings.ctrlSecret]) if (secret !== undefined) assertKey(secret);
    }
    const { clock, pace } = this.machine;
    const controller = new HostController(this, this.#freeInstance(), settings, host);
    this.controllers.set(controller.instance, controller);
    tellController(this, controller, "add");
    try {
      if (pace.connect > 0) await clock.sleep(pace.connect);
      await controller.start();
      return controller;
    } catch (error) {
      controller.remove();
      throw error;
    }
  }

  /** nvmf_create_ctrl, as far as it is the same for all transports. */
  #asked(line: string): { settings: ConnectSettings; host: HostPair } {
    const settings = parseConnectLine(line, this.kernel);
    const host = this.#hostOf(settings);
    const rdma = this.machine.network.rdma && settings.transport === "rdma";
    const module = rdma ? "nvme_rdma" : transportModules[settings.transport];
    if (module === undefined || !this.machine.modules.request(module)) {
      throw new Errno("EINVAL", `no handler found for transport ${settings.transport}.`);
    }
    return { settings, host };
  }

  /** nvme_tcp_alloc_ctrl */
  #checkAddresses({ transport, traddr, trsvcid, hostTraddr, hostIface }: ConnectSettings): void {
    if (transport === "tcp") tcpEndpoint(traddr, trsvcid);
    if (hostTraddr !== undefined && familyOf(hostTraddr) === undefined) {
      throw new Errno("EINVAL", `malformed src address passed: ${hostTraddr}`);
    }
    if (hostIface !== undefined) this.addressOf(hostIface);
  }

  /** What is refused with a detail, which goes to the kernel's log as one of this module's. */
  #logged<R>(module: string, work: () => R): R {
    try {
      return work();
    } catch (error) {
      if (error instanceof Errno && error.message !== error.code) this.machine.log.write(`${module}: ${error.message}`);
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
    const subsystem = shared ?? this.#newSubsystem(controller, { ...connected, nqn, kind });
    this.subsystems.add(subsystem);
    subsystem.controllers.add(controller);
    controller.subsystem = subsystem;
    if (shared === undefined) tellSubsystem(this, subsystem, "add");
    if (kind !== "nvm" || !this.kernel.does.sensors) return;
    controller.sensor = this.#freeSensor();
    tellSensor(this, controller, "add");
  }

  /** Local drives have theirs since the boot. */
  #freeSensor(): number {
    const taken = new Set([...this.machine.takenInstances()].keys());
    for (const { sensor } of this.controllers.values()) if (sensor !== undefined) taken.add(sensor);
    return lowest(taken);
  }

  #newSubsystem(controller: HostController, is: ConstructorParameters<typeof HostSubsystem>[1]): HostSubsystem {
    const multipath = !/^[N0n]/.test(this.machine.modules.parameter("nvme_core", "multipath") ?? "Y");
    const namesByCntlid = !this.kernel.does.pathNamedByController;
    return new HostSubsystem(this.#subsystemInstance(controller), is, { multipath, namesByCntlid });
  }

  leave(controller: HostController): void {
    const { subsystem } = controller;
    tellSensor(this, controller, "remove");
    tellController(this, controller, "remove");
    this.controllers.delete(controller.instance);
    subsystem?.controllers.delete(controller);
    if (subsystem !== undefined) this.#forget(subsystem);
  }

  /** Whether another subsystem has a namespace of this identity: a second one is ignored. */
  isKnownElsewhere(subsystem: HostSubsystem, view: NamespaceView): boolean {
    return [...this.subsystems].some(
      (other) => other !== subsystem && [...other.heads].some((head) => shareAnId(head, view)),
    );
  }

  /** The disk of this kernel name. */
  disk(name: string): { subsystem: HostSubsystem; disk: Disk } | undefined {
    for (const subsystem of this.subsystems) {
      const disk = subsystem.disks.find((each) => each.name === name);
      if (disk !== undefined) return { subsystem, disk };
    }
    return undefined;
  }

  /** Whether it is still there: another one may have its name by now. */
  has({ name, head }: Disk): boolean {
    return this.disk(name)?.disk.head === head;
  }

  /** Nobody uses this device any more: one that was kept for them alone goes. */
  freed(device: string): void {
    for (const subsystem of [...this.subsystems]) {
      for (const head of [...subsystem.heads]) {
        if (head.keptFor !== undefined && subsystem.nameOf(head) === device)
          dropHead(this, subsystem, head, head.keptFor);
      }
      this.#forget(subsystem);
    }
  }

  #forget(subsystem: HostSubsystem): void {
    if (subsystem.controllers.size + subsystem.heads.size > 0) return;
    if (this.subsystems.delete(subsystem)) tellSubsystem(this, subsystem, "remove");
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
    if (!this.kernel.does.hostPairs) return this.#sharedHost(asked.nqn, hostid);
    for (const { nqn, id } of [this.#own, ...[...this.controllers.values()].map(({ host }) => host)]) {
      if ((nqn === asked.nqn) === (id === asked.id)) continue;
      const [same, other] =
        nqn === asked.nqn ? [`hostnqn ${nqn}`, `hostid ${asked.id}`] : [`hostid ${asked.id}`, `hostnqn ${asked.nqn}`];
      throw new Errno("EINVAL", `found same ${same} but different ${other}`);
    }
    return asked;
  }

  /** Before 6.5 each host NQN has one id, which is whatever the last connect said; a new one where it said nothing. */
  #sharedHost(nqn: string, hostid: string | undefined): HostPair {
    const hosts = [this.#own, ...[...this.controllers.values()].map(({ host }) => host)];
    const host = hosts.find((each) => each?.nqn === nqn) ?? { nqn, id: "" };
    host.id = hostid ?? randomUuid(this.machine.random);
    return host;
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
