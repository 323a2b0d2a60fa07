import { discoveryNqn } from "../../../../shared/nvme/nqn.ts";
import type { Backing } from "../backing.ts";
import { Errno } from "../errno.ts";
import type { Modules } from "../modules.ts";
import type { Incoming, Network } from "../network.ts";
import type { RandomBytes } from "../random.ts";
import type { Kernel } from "../versions.ts";
import { Controllers } from "./controllers.ts";
import { listen } from "./listen.ts";
import type { Namespace, NvmetHost, Port, Subsystem } from "./state.ts";

/** What nvmet needs of the machine that it runs on. */
export interface TargetMachine {
  kernel: Kernel;
  random: RandomBytes;
  modules: Modules;
  network: Network;
  /** Throws as open(2) would. */
  openBacking(path: string, direct: boolean): Backing;
  /** Throws EINVAL where the path is no NVMe controller, ENOENT where it is nothing. */
  assertController(path: string): void;
}

const mostNamespaces = 1024;
/** Pages of four kilobytes for in-capsule data, and entries of a queue, when a port is enabled. */
const defaultInlineData = 16384;
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

  /** Something that hosts find by discovery changed on these ports. */
  discoveryChanged(concerns: (port: Port) => boolean): void {
    this.generation++;
    this.controllers.discoveryChanged(concerns);
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
    this.discoveryChanged((port) => port.subsystems.has(subsystem));
  }

  /** Hosts that are connected stay so: only their next connect is refused. */
  revoke(subsystem: Subsystem, host: NvmetHost): void {
    subsystem.allowed.delete(host);
    this.discoveryChanged((port) => port.subsystems.has(subsystem));
  }

  enable(namespace: Namespace): void {
    const { subsystem, path } = namespace;
    if (namespace.backing !== undefined) return;
    // passthru and namespaces exclude each other; the kernel takes the write all the same.
    if (subsystem.passthru.enabled) return;
    const enabled = [...subsystem.namespaces].filter((each) => each.backing !== undefined);
    if (enabled.length >= mostNamespaces) throw new Errno("EMFILE");
    if (path === undefined) throw this.#withoutPath(namespace);
    const backing = this.machine.openBacking(path, !namespace.buffered);
    if (backing.readOnly) throw new Errno("EACCES");
    if (enabled.some(({ nsid }) => nsid === namespace.nsid)) throw new Errno("EBUSY");
    namespace.backing = { io: backing.io, size: backing.size() };
    this.controllers.tell(subsystem);
  }

  #withoutPath({ buffered }: Namespace): Error {
    if (buffered && this.kernel.does.oopsWithoutPath) {
      return new Error("the kernel would crash here: enable with buffered_io and without device_path");
    }
    return new Errno("EINVAL");
  }

  disable(namespace: Namespace): void {
    if (namespace.backing === undefined) return;
    namespace.backing = undefined;
    this.controllers.tell(namespace.subsystem);
  }

  revalidate(namespace: Namespace): void {
    const { backing, path } = namespace;
    if (backing === undefined || path === undefined) throw new Errno("EINVAL", "enable ns before revalidate.");
    const size = this.machine.openBacking(path, false).size();
    if (size === backing.size) return;
    backing.size = size;
    this.controllers.tell(namespace.subsystem);
  }

  removeSubsystem(subsystem: Subsystem): void {
    this.subsystems.delete(subsystem.nqn);
    this.controllers.drop((each) => each.subsystem === subsystem);
  }

  /** The first link of a port makes it listen. */
  link(port: Port, subsystem: Subsystem): Promise<void> {
    return this.#inTurn(async () => {
      if (port.subsystems.has(subsystem)) throw new Errno("EEXIST");
      if (!port.enabled) {
        port.listening = await listen(this, port, (incoming) => this.#serve(this, port, incoming));
        if (port.inlineDataSize < 0) port.inlineDataSize = defaultInlineData;
        const wanted = port.maxQueueSize < 0 ? queueSizes.most : port.maxQueueSize;
        port.maxQueueSize = Math.min(Math.max(wanted, queueSizes.least), queueSizes.most);
        if (port.mdts < 0) port.mdts = 0;
      }
      port.subsystems.add(subsystem);
      this.discoveryChanged((each) => each === port);
    });
  }

  /** Shuts the subsystem's controllers on the port; with the last link also its listener and all that is left. */
  unlink(port: Port, subsystem: Subsystem): Promise<void> {
    return this.#inTurn(async () => {
      port.subsystems.delete(subsystem);
      this.discoveryChanged((each) => each === port);
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
