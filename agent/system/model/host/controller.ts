import { Errno } from "../errno.ts";
import type { Connected, NamespaceView } from "../fabric/messages.ts";
import type { Initiator } from "./initiator.ts";
import { type ConnectSettings, tcpEndpoint } from "./options.ts";
import { dropPaths, scan } from "./scan.ts";
import { ConnectRefused, Session } from "./session.ts";
import type { HostSubsystem } from "./subsystem.ts";

export type ControllerState = "new" | "live" | "resetting" | "connecting" | "deleting" | "dead";

/** Who connects: the pair that the settings name, or the node's own. */
export interface HostPair {
  nqn: string;
  id: string;
}

const second = 1000;

/** A fabrics controller of the initiator, nvme<instance>: it keeps its connection, or gives it up, as the kernel does. */
export class HostController {
  readonly instance: number;
  readonly settings: ConnectSettings;
  readonly host: HostPair;
  readonly #initiator: Initiator;
  readonly #stop = new AbortController();
  state: ControllerState = "new";
  subsystem: HostSubsystem | undefined;
  /** What the target last said of itself. */
  info: Connected | undefined;
  /** The local address, while connected. */
  source: string | undefined;
  reconnectDelay: number;
  /** -1: for ever. */
  maxReconnects: number;
  /** Seconds; -1: off. */
  fastIoFailTmo: number;
  secret: string | undefined;
  ctrlSecret: string | undefined;
  #session: Session | undefined;

  constructor(initiator: Initiator, instance: number, settings: ConnectSettings, host: HostPair) {
    this.#initiator = initiator;
    this.instance = instance;
    this.settings = settings;
    this.host = host;
    this.reconnectDelay = settings.reconnectDelay;
    this.maxReconnects = reconnectsFor(settings.ctrlLossTmo, settings.reconnectDelay);
    this.fastIoFailTmo = settings.fastIoFailTmo < 0 ? -1 : settings.fastIoFailTmo;
    this.secret = settings.secret;
    this.ctrlSecret = settings.ctrlSecret;
  }

  get name(): string {
    return `nvme${this.instance}`;
  }

  get isLeaving(): boolean {
    return this.state === "deleting" || this.state === "dead";
  }

  get session(): Session | undefined {
    return this.state === "live" ? this.#session : undefined;
  }

  /** The first connect. Throws what the write to /dev/nvme-fabrics gets. */
  async start(): Promise<void> {
    this.state = "connecting";
    const connected = await this.#open();
    if (this.settings.discovery !== undefined && connected.kind !== "discovery") {
      throw new Errno("EINVAL", "the subsystem is not a discovery controller");
    }
    this.#initiator.join(this, connected);
    this.#goLive(connected);
  }

  /** delete_controller. */
  remove(): void {
    if (this.isLeaving) return;
    this.state = "deleting";
    this.#stop.abort();
    this.#session?.close();
    dropPaths(this.#initiator, this);
    this.state = "dead";
    this.#initiator.leave(this);
  }

  /** reset_controller. Throws ENETRESET where it does not come back live. */
  async reset(): Promise<void> {
    if (this.state !== "live") throw new Errno("EBUSY");
    this.state = "resetting";
    this.#session?.close();
    this.state = "connecting";
    if (!(await this.#attempt())) {
      if (!this.isLeaving) void this.#reconnect();
      throw new Errno("ENETRESET");
    }
  }

  rescan(): void {
    this.session?.rescan();
  }

  /** A new host key: it authenticates anew at once, and loses the connection where the target disagrees. */
  async rekey(secret: { secret: string } | { ctrlSecret: string }): Promise<void> {
    Object.assign(this, secret);
    if (this.state !== "live" || this.info === undefined) return;
    await this.reset().catch(() => {});
  }

  async #open(): Promise<Connected> {
    const { settings, host } = this;
    const { network } = this.#initiator.machine;
    const to =
      settings.transport === "loop"
        ? { address: settings.traddr, port: 0 }
        : tcpEndpoint(settings.traddr, settings.trsvcid);
    const from = settings.hostTraddr ?? this.#initiator.addressOf(settings.hostIface);
    const { stream, from: source } = await network.dial({ transport: settings.transport, ...to }, from);
    const session: Session = new Session(stream, {
      namespaces: (views) => this.#scan(views),
      discoveryChanged: () => {
        if (this.#initiator.kernel.does.discoveryEvents) this.#initiator.emit("nvme", "change", this.name);
      },
      lost: () => this.#lost(session),
    });
    const connected = await session.connect(
      {
        nqn: settings.nqn,
        hostnqn: host.nqn,
        hostid: host.id,
        ioQueues: settings.ioQueues,
        keepAlive: settings.keepAlive,
        secret: this.secret,
        ctrlSecret: this.ctrlSecret,
      },
      this.#initiator.machine,
    );
    if (this.isLeaving) {
      session.close();
      throw new Errno("EINTR");
    }
    this.#session = session;
    this.source = source;
    return connected;
  }

  #goLive(connected: Connected): void {
    this.info = connected;
    this.state = "live";
    if (this.#initiator.kernel.does.connectedEvent) this.#initiator.emit("nvme", "change", this.name);
    // The kernel scans in a work item: disks come after the connect has returned.
    setImmediate(() => this.#scan(connected.namespaces));
  }

  #scan(views: readonly NamespaceView[]): void {
    if (this.state === "live") scan(this.#initiator, this, views);
  }

  #lost(session: Session): void {
    if (session !== this.#session || this.state !== "live") return;
    this.state = "connecting";
    void this.#reconnect();
  }

  /** Until it is live again, out of attempts, or told not to retry. */
  async #reconnect(): Promise<void> {
    const { clock } = this.#initiator.machine;
    for (let attempt = 0; ; attempt++) {
      if (this.maxReconnects >= 0 && attempt >= this.maxReconnects) return this.remove();
      try {
        await clock.sleep(this.reconnectDelay * second, this.#stop.signal);
      } catch {
        return;
      }
      if (this.state !== "connecting" || (await this.#attempt()) || this.isLeaving) return;
    }
  }

  /** One try; a refusal that is final ends the controller, where the kernel heeds it. */
  async #attempt(): Promise<boolean> {
    try {
      this.#goLive(await this.#open());
      return true;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      const final = error instanceof ConnectRefused && error.final;
      if (final && this.#initiator.kernel.does.doNotRetryDeletes) this.remove();
      return false;
    }
  }
}

/** How often it tries for so many seconds; -1: for ever. */
export function reconnectsFor(lossTmo: number, delay: number): number {
  if (lossTmo < 0) return -1;
  return delay === 0 ? lossTmo : Math.ceil(lossTmo / delay);
}
