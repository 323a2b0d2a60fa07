import type { Clock, Millis } from "../../../../shared/clock.ts";
import { doNotRetry } from "../../../../shared/nvme/discovery/status.ts";
import { Errno } from "../errno.ts";
import type { Connection, Line } from "../fabric/fabric.ts";
import { type Connected, type FromHost, FromTarget, MessageStream, type NamespaceView } from "../fabric/messages.ts";
import type { Kernel } from "../versions.ts";
import { type Asked, authenticate, authenticateAnew } from "./authentication.ts";
import { ConnectRefused } from "./connect-refused.ts";
import { type KeepAlive, Patience } from "./patience.ts";

/** A command did not get through: the same may succeed over another path, or later. */
export class PathError extends Errno {
  constructor() {
    super("EIO", "the path failed");
  }
}

export interface SessionRequest {
  nqn: string;
  hostnqn: string;
  hostid: string;
  ioQueues: number;
  /** Seconds. */
  keepAlive: number;
  secret: string | undefined;
  ctrlSecret: string | undefined;
}

export interface SessionEvents {
  namespaces(views: readonly NamespaceView[]): void;
  discoveryChanged(): void;
  /** The connection is gone, however it ended. */
  lost(): void;
}

/** The kernel's own patience with a target that accepts and then says nothing (nvme_core.admin_timeout). */
const adminTimeout: Millis = 60_000;
/** What old hosts add to the time that they tell the target (NVME_KATO_GRACE). */
const keepAliveGrace: Millis = 10_000;

/** One connection to a target's controller. */
export class Session {
  readonly #messages: MessageStream<FromTarget, FromHost>;
  readonly #pending = new Map<number, (answer: FromTarget | undefined) => void>();
  readonly #events: SessionEvents;
  readonly #line: Line;
  #patience: Patience | undefined;
  #handshake: ((message: FromTarget | undefined) => void) | undefined;
  #established = false;
  #isOver = false;
  #id = 0;

  constructor({ stream, line }: Connection, events: SessionEvents) {
    this.#events = events;
    this.#line = line;
    this.#messages = new MessageStream<FromTarget, FromHost>(
      stream,
      FromTarget,
      (message) => this.#receive(message),
      () => this.#ended(),
    );
  }

  /** Connects and proves keys. Throws {@link ConnectRefused}. */
  async connect(request: SessionRequest, context: SessionContext): Promise<Connected> {
    const { kernel, clock } = context;
    const patience = new AbortController();
    clock.sleep(adminTimeout, patience.signal).then(
      () => this.close(),
      () => {},
    );
    try {
      const keepAlive = keepAliveOf(request, kernel);
      const connected = await this.#negotiate(request, keepAlive, context);
      this.#patience = new Patience(clock, this.#line, keepAlive, () => this.#giveUp());
      return connected;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      patience.abort();
    }
  }

  async #negotiate(request: SessionRequest, keepAlive: KeepAlive, context: SessionContext): Promise<Connected> {
    const { kernel } = context;
    const { nqn, hostnqn, hostid, ioQueues } = request;
    let answer = await this.#ask({
      is: "connect",
      subsystem: nqn,
      hostnqn,
      hostid,
      queues: ioQueues,
      keepAlive:
        keepAlive.timeout === 0 || kernel.does.frequentKeepAlive
          ? keepAlive.timeout
          : keepAlive.timeout + keepAliveGrace,
      keepAliveEvery: keepAlive.every,
    });
    if (answer.is === "challenge") {
      await authenticate(this.#asked(request, context), answer);
      answer = await this.#ask({ is: "go on" });
    }
    if (answer.is === "refused")
      throw new ConnectRefused("EIO", (answer.status & doNotRetry) !== 0, statusText(answer.status), answer.status);
    if (answer.is !== "connected") throw new ConnectRefused("EIO", false);
    this.#established = true;
    return answer;
  }

  /** With the keys that the request has now. */
  async authenticate(request: SessionRequest, context: SessionContext): Promise<void> {
    await authenticateAnew(this.#asked(request, context));
  }

  #asked({ secret, ctrlSecret }: SessionRequest, context: SessionContext): Asked {
    return { ...context, secret, ctrlSecret, ask: (message) => this.#exchange(message) };
  }

  get isEstablished(): boolean {
    return this.#established;
  }

  rescan(): void {
    this.#messages.send({ is: "rescan" });
  }

  /** A discovery controller's log page, from its beginning. Rejects with EIO. */
  async readLog(): Promise<Uint8Array> {
    const answer = await this.#transfer((id) => ({ is: "read log", id }));
    if (answer?.is !== "data") throw new Errno("EIO");
    return Buffer.from(answer.bytes, "base64");
  }

  /** Rejects with EIO, and with {@link PathError}. */
  async read(nsid: number, offset: number, length: number): Promise<Uint8Array> {
    const answer = await this.#transfer((id) => ({ is: "read", id, nsid, offset, length }));
    if (answer?.is !== "data") throw failureOf(answer);
    return Buffer.from(answer.bytes, "base64");
  }

  /** Rejects with EIO, and with {@link PathError}. */
  async write(nsid: number, offset: number, bytes: Uint8Array): Promise<void> {
    const text = Buffer.from(bytes).toString("base64");
    const answer = await this.#transfer((id) => ({ is: "write", id, nsid, offset, bytes: text }));
    if (answer?.is !== "stored") throw failureOf(answer);
  }

  /** Waits until the target can have heard something, or as long as the kernel waits for an answer to a command. */
  async drain(clock: Clock): Promise<void> {
    const heard = new AbortController();
    const forget = this.#line.onChange(() => {
      if (this.#line.roundTrip < adminTimeout) heard.abort();
    });
    if (this.#line.roundTrip >= adminTimeout) await clock.sleep(adminTimeout, heard.signal).catch(() => {});
    forget();
  }

  close(): void {
    this.#established = false;
    this.#patience?.end();
    this.#messages.close();
  }

  #transfer(make: (id: number) => FromHost): Promise<FromTarget | undefined> {
    const id = ++this.#id;
    return new Promise((resolve) => {
      if (!this.#established) return resolve(undefined);
      this.#pending.set(id, resolve);
      this.#patience?.sent(id);
      this.#messages.send(make(id));
    });
  }

  /** Undefined where the connection ends, or has ended. */
  #exchange(message: FromHost): Promise<FromTarget | undefined> {
    return new Promise((resolve) => {
      if (this.#isOver) return resolve(undefined);
      this.#handshake = resolve;
      this.#messages.send(message);
    });
  }

  async #ask(message: FromHost): Promise<FromTarget> {
    const answer = await this.#exchange(message);
    if (answer === undefined) throw new ConnectRefused("EIO", false, "the connection ended");
    return answer;
  }

  #receive(message: FromTarget): void {
    switch (message.is) {
      case "namespaces":
        this.#events.namespaces(message.namespaces);
        break;
      case "discovery changed":
        this.#events.discoveryChanged();
        break;
      case "data":
      case "stored":
      case "failed":
        this.#pending.get(message.id)?.(message);
        this.#pending.delete(message.id);
        this.#patience?.answered(message.id);
        break;
      default: {
        const answer = this.#handshake;
        this.#handshake = undefined;
        answer?.(message);
      }
    }
  }

  /** nvme_tcp_error_recovery: nothing more is expected of this connection. */
  #giveUp(): void {
    this.#messages.close();
  }

  #ended(): void {
    this.#isOver = true;
    this.#patience?.end();
    this.#handshake?.(undefined);
    const lost = this.#established;
    this.#established = false;
    if (lost) this.#events.lost();
    for (const resolve of this.#pending.values()) resolve(undefined);
    this.#pending.clear();
  }
}

type SessionContext = Pick<Asked, "kernel" | "random" | "clock" | "say">;

function failureOf(answer: FromTarget | undefined): Errno {
  return answer?.is === "failed" && answer.why !== "path" ? new Errno("EIO") : new PathError();
}

/**
 * Newer hosts ask four times in the time after which they give up: twice as often as they need, since a command in between
 * stands for one (nvme_keep_alive_work_period). Older ones ask once, and tell the target a longer time.
 */
function keepAliveOf({ keepAlive }: SessionRequest, { does }: Kernel): KeepAlive {
  const timeout = keepAlive * 1000;
  return { timeout, every: does.frequentKeepAlive ? timeout / 4 : timeout };
}

/** As the kernel logs it: decimal, with the do-not-retry bit. */
function statusText(status: number): string {
  return `failed to connect queue: 0 ret=${status}`;
}
