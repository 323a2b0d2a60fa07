import type { Duplex } from "node:stream";
import type { Clock } from "../../../../shared/clock.ts";
import { doNotRetry } from "../../../../shared/nvme/discovery/status.ts";
import { Errno } from "../errno.ts";
import { proofOf, proves } from "../fabric/dhchap.ts";
import { type Connected, type FromHost, FromTarget, MessageStream, type NamespaceView } from "../fabric/messages.ts";
import { hexOf, type RandomBytes } from "../random.ts";
import type { Kernel } from "../versions.ts";

/** Why a connect failed. */
export class ConnectRefused extends Errno {
  /** The target said not to retry, or the keys do not fit: kernels from 6.11 on give up for good. */
  readonly final: boolean;

  constructor(code: string, final: boolean, detail?: string) {
    super(code, detail);
    this.final = final;
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
const adminTimeout = 60_000;
const nonceLength = 32;

/** One connection to a target's controller. */
export class Session {
  readonly #messages: MessageStream<FromTarget, FromHost>;
  readonly #pending = new Map<number, (answer: FromTarget | undefined) => void>();
  readonly #events: SessionEvents;
  #handshake: ((message: FromTarget | undefined) => void) | undefined;
  #established = false;
  #id = 0;

  constructor(stream: Duplex, events: SessionEvents) {
    this.#events = events;
    this.#messages = new MessageStream<FromTarget, FromHost>(
      stream,
      FromTarget,
      (message) => this.#receive(message),
      () => this.#ended(),
    );
  }

  /** Connects and proves keys. Throws {@link ConnectRefused}. */
  async connect(request: SessionRequest, { kernel, random, clock }: SessionContext): Promise<Connected> {
    const patience = new AbortController();
    clock.sleep(adminTimeout, patience.signal).then(
      () => this.close(),
      () => {},
    );
    try {
      return await this.#negotiate(request, kernel, random);
    } catch (error) {
      this.close();
      throw error;
    } finally {
      patience.abort();
    }
  }

  async #negotiate(request: SessionRequest, kernel: Kernel, random: RandomBytes): Promise<Connected> {
    const { nqn, hostnqn, hostid, ioQueues, secret, ctrlSecret } = request;
    let answer = await this.#ask({
      is: "connect",
      subsystem: nqn,
      hostnqn,
      hostid,
      queues: ioQueues,
      keepAlive: request.keepAlive * 1000,
    });
    const back = ctrlSecret === undefined ? undefined : hexOf(random(nonceLength));
    const challenged = answer.is === "challenge";
    if (answer.is === "challenge") {
      if (!kernel.built.has("auth")) throw new ConnectRefused(kernel.does.authErrnos ? "EPROTONOSUPPORT" : "EIO", true);
      if (secret === undefined) throw new ConnectRefused(kernel.does.authErrnos ? "ENOKEY" : "EIO", true, "no key");
      const proof = proofOf(secret, answer.nonce);
      answer = await this.#ask({ is: "proof", proof, ...(back === undefined ? {} : { nonce: back }) });
    }
    const rejected = new ConnectRefused(kernel.does.authErrnos ? "EKEYREJECTED" : "EIO", true, "authentication failed");
    if (answer.is === "rejected") throw rejected;
    if (answer.is === "refused")
      throw new ConnectRefused("EIO", (answer.status & doNotRetry) !== 0, statusText(answer.status));
    if (answer.is !== "connected") throw new ConnectRefused("EIO", false);
    // A target that proves nothing has no key to prove: old kernels let that pass.
    const proof = challenged ? answer.proof : undefined;
    if (proof !== undefined && back !== undefined && !proves(proof, ctrlSecret ?? "", back)) throw rejected;
    this.#established = true;
    return answer;
  }

  rescan(): void {
    this.#messages.send({ is: "rescan" });
  }

  async read(nsid: number, offset: number, length: number): Promise<Uint8Array> {
    const answer = await this.#transfer((id) => ({ is: "read", id, nsid, offset, length }));
    if (answer?.is !== "data") throw new Errno("EIO");
    return Buffer.from(answer.bytes, "base64");
  }

  async write(nsid: number, offset: number, bytes: Uint8Array): Promise<void> {
    const text = Buffer.from(bytes).toString("base64");
    const answer = await this.#transfer((id) => ({ is: "write", id, nsid, offset, bytes: text }));
    if (answer?.is !== "stored") throw new Errno("EIO");
  }

  close(): void {
    this.#established = false;
    this.#messages.close();
  }

  #transfer(make: (id: number) => FromHost): Promise<FromTarget | undefined> {
    const id = ++this.#id;
    return new Promise((resolve) => {
      if (!this.#established) return resolve(undefined);
      this.#pending.set(id, resolve);
      this.#messages.send(make(id));
    });
  }

  async #ask(message: FromHost): Promise<FromTarget> {
    const answer = await new Promise<FromTarget | undefined>((resolve) => {
      this.#handshake = resolve;
      this.#messages.send(message);
    });
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
        break;
      default: {
        const answer = this.#handshake;
        this.#handshake = undefined;
        answer?.(message);
      }
    }
  }

  #ended(): void {
    this.#handshake?.(undefined);
    for (const resolve of this.#pending.values()) resolve(undefined);
    this.#pending.clear();
    if (this.#established) this.#events.lost();
    this.#established = false;
  }
}

interface SessionContext {
  kernel: Kernel;
  random: RandomBytes;
  clock: Clock;
}

/** As the kernel logs it: decimal, with the do-not-retry bit. */
function statusText(status: number): string {
  return `failed to connect queue: 0 ret=${status}`;
}
