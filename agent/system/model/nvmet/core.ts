import type { Clock } from "../../../../shared/clock.ts";
import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import type { Backing } from "../backing.ts";
import { Errno, KernelCrash } from "../errno.ts";
import type { Caller } from "../files/entry.ts";
import type { KernelLog } from "../kernel-log.ts";
import type { Modules } from "../modules.ts";
import type { Incoming, Network } from "../network.ts";
import type { Pace } from "../pace.ts";
import type { RandomBytes } from "../random.ts";
import type { Kernel } from "../versions.ts";
import { Controllers, type TargetController } from "./controllers.ts";
import { listen } from "./listen.ts";
import { openNamespace, sizeOf } from "./open-namespace.ts";
import type { Namespace, NvmetHost, Port, Subsystem } from "./state.ts";

/** What nvmet needs of the machine that it runs on. */
export interface TargetMachine {
  kernel: Kernel;
  clock: Clock;
  random: RandomBytes;
  modules: Modules;
  network: Network;
  log: KernelLog;
  pace: Pace;
  /** As its first process finds a path. */
  find: Caller["find"];
  /** Throws as open(2) would. */
  openBacking(path: string, direct: boolean, caller?: Caller): Backing;
  /** Whether the path is an NVMe controller. Throws ENOENT where it is nothing. */
  isController(path: string, caller?: Caller): boolean;
}

const mostNamespaces = 1024;
/** One excludes the other. */
export const passthruOrNamespaces = "cannot enable both passthru and regular namespaces for a single subsystem";
/** Entries of a queue, when a port is enabled. */
const queueSizes = { least: 16, most: 1024 } as const;

/** nvmet (drivers/nvme/target/core.c): what a change of the configuration does. */
export class Nvmet {
  readonly machine: TargetMachine;
  readonly controllers = new Controllers();
  readonly subsystems = new Map<string, Subsystem>();
  readonly hosts = new Map<string, NvmetHost>();
  readonly ports = new Set<Port>();
  discoveryNqn: string = discoveryNqn;
  /** Of the discovery log: it rises with each change of what hosts may find. */
  generation = 0n;
  readonly #serve: (nvmet: Nvmet, port: Port, incoming: Incoming) => void;
  #turn: Promise<unknown> = Promise.resolve();

  /** `serve` answers a host that connected to a port. */
  constructor(machine: TargetMachine, serve: (nvmet: Nvmet, port: Port, incoming: Incoming) => void) {
    this.machine = machine;
    this.#serve = serve;
  }

  get kernel(): Kernel {
    return this.machine.kernel;
  }

  /** After its connection has ended. */
  release(controller: TargetController): void {
    const { clock, pace } = this.machine;
    if (pace.release === 0) this.controllers.remove(controller);
    else void clock.sleep(pace.release).then(() => this.controllers.remove(controller));
  }

  /** Lines of the kernel's log, by nvmet, or by the transport whose name they begin with. */
  say(text: string): void {
    for (const line of text.split("\n")) {
      this.machine.log.write(/^nvmet_\w+: /.test(line) ? line : `nvmet: ${line}`);
    }
  }

  /** Something that these hosts find by discovery changed on these ports. */
  discoveryChanged(concerns: (port: Port) => boolean, isFor: (hostnqn: string) => boolean = () => true): void {
    this.generation++;
    this.controllers.discoveryChanged(({ port, hostnqn }) => concerns(port) && isFor(hostnqn));
  }

  /** The module is unloaded; nothing was made in it. */
  forget(): void {
    this.discoveryNqn = discoveryNqn;
    this.generation = 0n;
  }

  allow(subsystem: Subsystem, host: NvmetHost): void {
    if (subsystem.allowAnyHost) throw new Errno("EINVAL", "can't add hosts when allow_any_host is set!");
    if (subsystem.allowed.has(host)) throw new Errno("EEXIST");
    subsystem.allowed.add(host);
    this.discoveryChanged(
      (port) => port.subsystems.has(subsystem),
      (hostnqn) => hostnqn === host.nqn,
    );
  }

  /** Hosts that are connected stay so: only their next connect is refused. */
  revoke(subsystem: Subsystem, host: NvmetHost): void {
    subsystem.allowed.delete(host);
    this.discoveryChanged(
      (port) => port.subsystems.has(subsystem),
      (hostnqn) => hostnqn === host.nqn,
    );
  }

  /** `caller`: as whose paths device_path counts. */
  enable(namespace: Namespace, caller?: Caller): void {
    const { subsystem } = namespace;
    // The kernel takes the write all the same.
    if (subsystem.passthru.enabled) {
      this.say(passthruOrNamespaces);
      return;
    }
    if (namespace.backing !== undefined) return;
    const enabled = [...subsystem.namespaces].filter((each) => each.backing !== undefined);
    if (enabled.length >= mostNamespaces) throw new Errno("EMFILE");
    const opened = openNamespace(this, namespace, caller);
    if (enabled.some(({ nsid }) => nsid === namespace.nsid)) {
      if (!this.kernel.does.nsidTwiceRefused) throw new KernelCrash("enable of a second namespace with this nsid");
      throw new Errno("EBUSY");
    }
    namespace.backing = { io: opened.io, size: sizeOf(opened), opened };
    this.controllers.tell(subsystem);
  }

  disable(namespace: Namespace): void {
    if (namespace.backing === undefined) return;
    namespace.backing = undefined;
    this.controllers.tell(namespace.subsystem);
  }

  revalidate(namespace: Namespace): void {
    const { backing, path } = namespace;
    if (backing === undefined || path === undefined) throw new Errno("EINVAL", "enable ns before revalidate.");
    const size = sizeOf(backing.opened ?? this.machine.openBacking(path, false));
    if (size === backing.size) return;
    backing.size = size;
    this.controllers.tell(namespace.subsystem);
  }

  removeSubsystem(subsystem: Subsystem): void {
    this.subsystems.delete(subsystem.nqn);
    this.controllers.drop((each) => each.subsystem === subsystem);
  }

  /** The first link of a port makes it listen, in the network of whoever makes the link. */
  link(port: Port, subsystem: Subsystem, network = this.machine.network): Promise<void> {
    return this.#inTurn(async () => {
      if (port.subsystems.has(subsystem)) throw new Errno("EEXIST");
      if (!port.enabled) {
        port.listening = await listen(this, port, network, (incoming) => this.#serve(this, port, incoming));
        // A transport that did not set it takes none.
        if (port.inlineDataSize < 0) port.inlineDataSize = 0;
        const wanted = port.maxQueueSize < 0 ? queueSizes.most : port.maxQueueSize;
        port.maxQueueSize = Math.min(Math.max(wanted, queueSizes.least), queueSizes.most);
        if (port.mdts < 0) port.mdts = 0;
      }
      port.subsystems.add(subsystem);
      this.discoveryChanged(
        (each) => each === port,
        (hostnqn) => isAllowed(subsystem, hostnqn),
      );
    });
  }

  /** Shuts the subsystem's controllers on the port; with the last link also its listener and all that is left. */
  unlink(port: Port, subsystem: Subsystem): Promise<void> {
    return this.#inTurn(async () => {
      port.subsystems.delete(subsystem);
      this.discoveryChanged(
        (each) => each === port,
        (hostnqn) => isAllowed(subsystem, hostnqn),
      );
      if (!port.enabled) {
        await port.listening?.close();
        port.listening = undefined;
      }
      this.controllers.drop((each) => each.port === port && (!port.enabled || each.subsystem === subsystem));
    });
  }

  /** nvmet_config_sem: one change of the ports at a time. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** nvmet_host_allowed */
function isAllowed({ allowAnyHost, allowed }: Subsystem, hostnqn: string): boolean {
  return allowAnyHost || [...allowed].some(({ nqn }) => nqn === hostnqn);
}
