import type { Millis } from "../../../../shared/clock.ts";
import { Alarm } from "../alarm.ts";
import { Errno } from "../errno.ts";
import type { Connected } from "../fabric/messages.ts";
import { attemptLine, complaintsOf, madeLine, queueLines, removalLine } from "./complaints.ts";
import { ConnectRefused } from "./connect-refused.ts";
import { dial } from "./dial.ts";
import type { Initiator } from "./initiator.ts";
import { type ConnectSettings, defaultKeepAlive, type HostPair, reconnectsFor } from "./options.ts";
import { dropPaths } from "./scan.ts";
import { Scanner } from "./scanner.ts";
import { Session, type SessionRequest } from "./session.ts";
import type { HostSubsystem } from "./subsystem.ts";
import { tellController } from "./uevents.ts";

export type ControllerState = "new" | "live" | "resetting" | "connecting" | "deleting" | "dead";

const second: Millis = 1000;

/** A fabrics controller of the initiator, nvme<instance>: it keeps its connection, or gives it up, as the kernel does. */
export class HostController {
  readonly instance: number;
  readonly settings: ConnectSettings;
  readonly host: HostPair;
  readonly #initiator: Initiator;
  readonly #stop = new AbortController();
  readonly #failFast: Alarm;
  readonly #scanner: Scanner;
  state: ControllerState = "new";
  subsystem: HostSubsystem | undefined;
  /** What the target last said of itself. */
  info: Connected | undefined;
  /** The local address, while connected. */
  source: string | undefined;
  reconnectDelay: number;
  /** -1: for ever. */
  maxReconnects: number;
  /** Seconds; -1: off. It counts from the next loss of the connection on. */
  fastIoFailTmo: number;
  /** It has been without a connection for so long that I/O no longer waits for it (NVME_CTRL_FAILFAST_EXPIRED). */
  failsFast = false;
  /** Seconds; 0: it sends none. */
  keepAlive: number;
  secret: string | undefined;
  ctrlSecret: string | undefined;
  /** Errors of commands that people send themselves go to the kernel's log. */
  logsErrors = false;
  /** The number of its temperature sensor, where it has one. */
  sensor: number | undefined;
  #session: Session | undefined;
  /** Since it was live (nr_reconnects). */
  #attempts = 0;

  constructor(initiator: Initiator, instance: number, settings: ConnectSettings, host: HostPair) {
    this.#initiator = initiator;
    this.instance = instance;
    this.settings = settings;
    this.host = host;
    this.reconnectDelay = settings.reconnectDelay;
    this.maxReconnects = reconnectsFor(settings.ctrlLossTmo, settings.reconnectDelay);
    this.fastIoFailTmo = settings.fastIoFailTmo < 0 ? -1 : settings.fastIoFailTmo;
    this.keepAlive = settings.keepAlive;
    this.secret = settings.secret;
    this.ctrlSecret = settings.ctrlSecret;
    this.#failFast = new Alarm(initiator.machine.clock, () => {
      this.failsFast = true;
      this.subsystem?.kick();
    });
    this.#scanner = new Scanner(initiator, this);
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
    await this.#complaining(async () => {
      if (this.settings.tls) throw new Errno("ENOKEY", "no valid PSK found");
      const connected = await this.#open();
      if (this.settings.discovery !== undefined && connected.kind !== "discovery") {
        throw new Errno("EINVAL", `Subsystem ${this.settings.nqn} is not a discovery controller`);
      }
      this.#initiator.join(this, connected);
      this.#goLive(connected);
    });
    this.say(madeLine(this.settings, this.host, this.#initiator.kernel));
  }

  /** One line of the kernel's log about this controller. */
  say(text: string): void {
    this.#initiator.machine.log.write(`nvme ${this.name}: ${text}`);
  }

  /** How a connect goes; nobody waits for it any more once the controller is deleted. */
  #tell(text: string): void {
    if (!this.isLeaving) this.say(text);
  }

  /** As it was found on the node that this one is a model of; one that was connecting goes on trying. */
  restore(state: ControllerState, info: Connected): void {
    this.state = state;
    this.info = info;
    if (state === "connecting") void this.#reconnect(undefined);
  }

  /** Whether I/O may wait for it (nvme_available_path). */
  get isExpected(): boolean {
    return !this.failsFast && (this.state === "live" || this.state === "resetting" || this.state === "connecting");
  }

  /** Once: without a word to the target. */
  remove(): void {
    if (this.state === "dead") return;
    const isLost = this.info !== undefined && this.state !== "live" && this.state !== "deleting";
    this.#leave();
    this.#session?.close();
    this.state = "dead";
    // It is told to shut down, however little can reach it.
    if (isLost) this.say("Property Set error: 880, offset 0x14");
    this.#initiator.leave(this);
  }

  /** delete_controller: its disks go at once, then it tells the target, for as long as a command may take. */
  async delete(): Promise<void> {
    if (this.isLeaving) return;
    const session = this.session;
    if (session === undefined) return this.remove();
    this.#leave();
    await session.drain(this.#initiator.machine.clock);
    this.remove();
  }

  #leave(): void {
    if (this.info !== undefined && !this.isLeaving) this.say(`Removing ctrl: NQN "${this.settings.nqn}"`);
    this.state = "deleting";
    this.#stop.abort();
    this.#failFast.clear();
    this.#scanner.clear();
    dropPaths(this.#initiator, this);
  }

  /** reset_controller. Throws ENETRESET where it does not come back live. */
  async reset(): Promise<void> {
    if (this.state !== "live") throw new Errno("EBUSY");
    this.state = "resetting";
    this.#session?.close();
    this.#disconnected();
    const refusal = await this.#attempt();
    if (refusal === undefined) return;
    this.#attempts++;
    if (!this.isLeaving) void this.#reconnect(refusal);
    throw new Errno("ENETRESET");
  }

  rescan(): void {
    if (this.session !== undefined) this.#scanner.rescan(this.session);
  }

  /** nvme_ctrl_dhchap_secret_store: where it is live it authenticates anew, and loses the connection if the target disagrees. */
  rekey(secret: { secret: string } | { ctrlSecret: string }): void {
    Object.assign(this, secret);
    void this.session?.authenticate(this.#request(), this.#context());
  }

  #request(): SessionRequest {
    const { settings, host, keepAlive, secret, ctrlSecret } = this;
    const { nqn, ioQueues } = settings;
    return { nqn, hostnqn: host.nqn, hostid: host.id, ioQueues, keepAlive, secret, ctrlSecret };
  }

  #context() {
    const { kernel, random, clock } = this.#initiator.machine;
    return { kernel, random, clock, say: (text: string) => this.#tell(text) };
  }

  async #open(): Promise<Connected> {
    const { settings } = this;
    const connection = await dial(this.#initiator, settings);
    const session: Session = new Session(connection, {
      namespaces: (views) => this.#scanner.heard(views),
      discoveryChanged: () => {
        if (!this.#initiator.kernel.does.discoveryEvents) return;
        tellController(this.#initiator, this, "change", { NVME_AEN: "0x70f002" });
      },
      lost: () => this.#lost(session),
    });
    const connected = await session.connect(this.#request(), this.#context());
    if (this.isLeaving) {
      session.close();
      throw new Errno("EINTR");
    }
    this.#session = session;
    this.source = connection.from;
    return connected;
  }

  /** What it is refused with goes to the kernel's log. */
  async #complaining<R>(work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      for (const line of complaintsOf(error, this.settings.nqn, this.host.nqn)) this.#tell(line);
      throw error;
    }
  }

  #goLive(connected: Connected): void {
    const { kernel } = this.#initiator;
    const isBack = this.info !== undefined;
    if (isBack && connected.kind === "discovery" && this.keepAlive === 0) this.keepAlive = defaultKeepAlive;
    this.info = connected;
    this.state = "live";
    this.#failFast.clear();
    this.failsFast = false;
    for (const line of queueLines(Math.min(this.settings.ioQueues, connected.queues), kernel)) this.say(line);
    if (isBack && connected.kind === "discovery" && kernel.does.rediscoverEvent) {
      tellController(this.#initiator, this, "change", { NVME_EVENT: "rediscover" });
    }
    if (kernel.does.connectedEvent) tellController(this.#initiator, this, "change", { NVME_EVENT: "connected" });
    this.#scanner.begin(connected.namespaces);
  }

  #lost(session: Session): void {
    if (session !== this.#session || this.state !== "live") return;
    this.#attempts = 0;
    if (this.#initiator.kernel.patched.has("recoveryWaits")) return void this.#recoverLater();
    this.say("starting error recovery");
    this.#disconnected();
    void this.#reconnect(undefined);
  }

  async #recoverLater(): Promise<void> {
    this.state = "resetting";
    this.say("starting error recovery in 1 seconds");
    await this.#initiator.machine.clock.sleep(second, this.#stop.signal).catch(() => {});
    if (this.state !== "resetting") return;
    this.#disconnected();
    void this.#reconnect(undefined);
  }

  /** nvme_start_failfast_work: I/O that comes now waits, but not for ever where somebody said so. */
  #disconnected(): void {
    this.state = "connecting";
    this.#scanner.clear();
    const { clock } = this.#initiator.machine;
    if (this.fastIoFailTmo >= 0) this.#failFast.set(clock.now() + this.fastIoFailTmo * second);
  }

  /** Until it is live again, out of attempts, or told not to retry (nvme_tcp_reconnect_or_remove). */
  async #reconnect(first: Errno | undefined): Promise<void> {
    const { kernel, machine } = this.#initiator;
    for (let refusal = first; ; ) {
      if (!this.#mayRetry(refusal)) {
        this.say(removalLine(refusal, kernel));
        return this.remove();
      }
      this.say(`Reconnecting in ${this.reconnectDelay} seconds...`);
      try {
        await machine.clock.sleep(this.reconnectDelay * second + machine.pace.retry, this.#stop.signal);
      } catch {
        return;
      }
      if (this.state !== "connecting") return;
      const number = ++this.#attempts;
      refusal = await this.#attempt();
      if (this.isLeaving) return;
      this.say(attemptLine(refusal === undefined, number, this.maxReconnects, kernel));
      if (refusal === undefined) return;
    }
  }

  #mayRetry(refusal: Errno | undefined): boolean {
    const isFinal = refusal instanceof ConnectRefused && refusal.final;
    if (isFinal && this.#initiator.kernel.does.doNotRetryDeletes) return false;
    return this.maxReconnects < 0 || this.#attempts < this.maxReconnects;
  }

  /** One try; what it was refused with. */
  async #attempt(): Promise<Errno | undefined> {
    try {
      await this.#complaining(async () => this.#goLive(await this.#open()));
      return undefined;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return error;
    }
  }
}
