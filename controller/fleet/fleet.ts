import type { Bus, LastingOrder } from "../../shared/bus/bus.ts";
import type { Clock, Deadline } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";
import { sealSecrets } from "../../shared/identity/seal.ts";
import { openReply } from "../../shared/identity/sealed-reply.ts";
import {
  agreeSession,
  makeAgreementKey,
  makeNobodysSession,
  makeSessionNonce,
  type Session,
  signOrder,
} from "../../shared/identity/session.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Heartbeat } from "../../shared/protocol/heartbeat.ts";
import type { Hello, Welcome } from "../../shared/protocol/hello.ts";
import { CallId, type NodeId } from "../../shared/protocol/ids.ts";
import type { UnsignedOrder } from "../../shared/protocol/order.ts";
import type { Done, Reply } from "../../shared/protocol/reply.ts";
import { Report } from "../../shared/protocol/report.ts";
import type { Secret } from "../../shared/secret.ts";
import type { FleetNode } from "./node.ts";

/** An order without what the session adds. */
export interface Request {
  to: NodeId;
  id: CallId;
  body: UnsignedOrder["body"];
  check?: UnsignedOrder["check"];
  secrets?: Readonly<Record<string, Secret>>;
  /** See {@link UnsignedOrder}. */
  covered?: UnsignedOrder["covered"];
  /** It is for this boot of the node alone: a later one is not sent it. */
  bootId?: string | undefined;
  deadline: Deadline;
  /** Milliseconds before the deadline by which the node has to be at its end, so that it can say so. */
  grace?: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((text: string, stream?: "stdout" | "stderr") => void) | undefined;
}

interface Parts {
  bus: Bus;
  clock: Clock;
  log: Logger;
  /** Of the machine that the controller runs on. */
  bootId?: string | undefined;
}

/** Milliseconds that a node has to refuse the order that wakes it; its next heartbeat tries again. */
const wakeMillis = 4000;

/** Every node that has said hello since the controller started: its session, its last report, its last sign of life. */
export class Fleet {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #bootId: string | undefined;
  readonly #nodes = new Map<NodeId, FleetNode>();
  /** The answer to each node's last hello, by the key that it came with. */
  readonly #welcomes = new Map<NodeId, { hello: Hello["key"]; welcome: Welcome }>();
  readonly #asked = new Set<NodeId>();
  readonly #listeners = new Set<() => void>();
  readonly #subscriptions: Disposable[];

  constructor({ bus, clock, log, bootId }: Parts) {
    this.#bus = bus;
    this.#clock = clock;
    this.#log = log;
    this.#bootId = bootId;
    this.#subscriptions = [
      bus.answer("hello", async (hello) => this.#welcome(hello)),
      bus.answer("report", async (report) => this.#receive(report)),
      bus.onHeartbeat((heartbeat) => this.#hear(heartbeat)),
    ];
  }

  /** Sorted by id. */
  nodes(): FleetNode[] {
    return [...this.#nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  find(id: NodeId): FleetNode | undefined {
    return this.#nodes.get(id);
  }

  /** The deadline that lies so many milliseconds from now, on the clock that {@link call} uses. */
  deadlineIn(millis: number): Deadline {
    return this.#clock.now() + millis;
  }

  /** Told when a node came or reported something new. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Resolves when the node has said hello, at the deadline at the latest. Rejects with the signal's reason. */
  async appeared(id: NodeId, deadline: Deadline, signal: AbortSignal): Promise<void> {
    await this.until(() => this.#nodes.has(id), deadline, signal);
  }

  /** Waits until what nodes said makes something so; whether it is, at the deadline at the latest. Rejects with the signal's reason. */
  async until(isSo: () => boolean, deadline: Deadline, signal: AbortSignal): Promise<boolean> {
    const seen = new AbortController();
    using _ = this.onChange(() => {
      if (isSo()) seen.abort();
    });
    if (isSo()) return true;
    const waiting = this.#clock.sleep(
      Math.max(0, deadline - this.#clock.now()),
      AbortSignal.any([seen.signal, signal]),
    );
    await waiting.catch(() => undefined);
    signal.throwIfAborted();
    return isSo();
  }

  /** Whether a node is the machine that the controller itself runs on. */
  isOwnMachine(id: NodeId): boolean {
    return this.#bootId !== undefined && this.#nodes.get(id)?.hello.bootId === this.#bootId;
  }

  /** Sends an order and waits for its end. Throws `node_unreachable`, `deadline`, or the signal's reason. */
  async call(request: Request): Promise<Done> {
    const { to, id, deadline, signal } = request;
    if (!this.#nodes.has(to)) throw neverSeen(to);
    const sessions: Session[] = [];
    for await (const reply of this.#bus.call(this.#lasting(request, sessions), deadline, signal)) {
      this.#alive(to);
      const done = this.#note(openReply(sessions, reply), request);
      if (done !== undefined) return done;
    }
    throw new FlashfleetError("bus_lost", `the bus was closed before ${to} answered ${id}`);
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  /** `sessions`: those that it was signed in, the latest first. */
  #lasting(
    { to, id, body, check, covered, bootId, secrets, deadline, grace = 0 }: Request,
    sessions: Session[],
  ): LastingOrder {
    return {
      to,
      id,
      // Signed for the session of the moment: an order outlives the agent's restart.
      sign: () => {
        const session = this.#nodes.get(to)?.session;
        if (session === undefined) return undefined;
        if (bootId !== undefined && this.#nodes.get(to)?.hello.bootId !== bootId) return undefined;
        if (sessions[0] !== session) sessions.unshift(session);
        const unsigned: UnsignedOrder = {
          v: 1,
          to,
          id,
          deadline: Math.max(0, Math.round(deadline - grace - this.#clock.now())),
          body,
          ...(check === undefined ? {} : { check }),
          ...(covered === undefined ? {} : { covered }),
        };
        const sealed =
          secrets === undefined || Object.keys(secrets).length === 0 ? undefined : sealSecrets(session, id, secrets);
        return signOrder(session, unsigned, sealed);
      },
    };
  }

  #note(reply: Reply, { to, check, onProgress }: Request): Done | undefined {
    if (reply.is === "progress") onProgress?.(reply.text, reply.stream);
    if (reply.is !== "done") return undefined;
    const node = this.#nodes.get(to);
    // A check answers with the generation of its model.
    if (node !== undefined && check === undefined) node.generation = reply.generation;
    return reply;
  }

  /** A hello that came again is answered as before: another session would undo what its node has agreed to meanwhile. */
  #welcome(hello: Hello): Welcome {
    const known = this.#welcomes.get(hello.node);
    if (known?.hello === hello.key) return known.welcome;
    const welcome = this.#agree(hello);
    this.#welcomes.set(hello.node, { hello: hello.key, welcome });
    return welcome;
  }

  #agree(hello: Hello): Welcome {
    const key = makeAgreementKey();
    const session = makeSessionNonce();
    const agreed = agreeSession(key.privateKey, hello.key, {
      node: hello.node,
      nonce: session,
      agentKey: hello.key,
      controllerKey: key.publicKey,
    });
    const before = this.#nodes.get(hello.node);
    this.#nodes.set(hello.node, {
      id: hello.node,
      hello,
      session: agreed,
      // What it reported before a reboot is history.
      report: before?.hello.bootId === hello.bootId ? before.report : undefined,
      heardAt: this.#clock.now(),
      generation: hello.spec.generation,
    });
    this.#log.info(
      { node: hello.node, version: hello.version, generation: hello.spec.generation },
      "a node says hello",
    );
    this.#tell();
    return { v: 1, session, key: key.publicKey };
  }

  #receive(report: Report) {
    const node = this.#nodes.get(report.node);
    // A node of an earlier life of this controller: it says hello again when the bus tells it to.
    if (node === undefined) throw neverSeen(report.node);
    node.heardAt = this.#clock.now();
    if (node.report === undefined || report.sequence >= node.report.sequence) {
      node.report = report;
      node.generation = report.generation;
      this.#tell();
    }
    return { v: 1 as const, sequence: report.sequence };
  }

  #hear(heartbeat: Heartbeat): void {
    const node = this.#nodes.get(heartbeat.node);
    if (node === undefined) return void this.#wake(heartbeat.node);
    node.heardAt = this.#clock.now();
    const gap = node.report === undefined || heartbeat.report > node.report.sequence;
    if (gap && !this.#asked.has(node.id)) void this.#ask(node.id);
  }

  /** Welcomed by another life of this controller: an order that it has to refuse makes it say hello. */
  async #wake(to: NodeId): Promise<void> {
    if (this.#asked.has(to)) return;
    this.#asked.add(to);
    try {
      const id = CallId.parse(`wake_${to}_${crypto.randomUUID()}`);
      const order = signOrder(makeNobodysSession(), { v: 1, to, id, deadline: 0, body: { do: "observe" } });
      for await (const _ of this.#bus.call(order, this.#clock.now() + wakeMillis));
    } catch (error) {
      this.#log.debug({ node: to, err: error }, "cannot wake a node");
    } finally {
      this.#asked.delete(to);
    }
  }

  /** A report was lost: the whole of it is asked for. */
  async #ask(id: NodeId): Promise<void> {
    this.#asked.add(id);
    try {
      const call = CallId.parse(`observe_${id}_${crypto.randomUUID()}`);
      const done = await this.call({ to: id, id: call, body: { do: "observe" }, deadline: this.#clock.now() + 10_000 });
      const report = Report.safeParse(done.result);
      if (report.success) this.#receive(report.data);
    } catch (error) {
      this.#log.debug({ node: id, err: error }, "cannot ask for a report");
    } finally {
      this.#asked.delete(id);
    }
  }

  #alive(id: NodeId): void {
    const node = this.#nodes.get(id);
    if (node !== undefined) node.heardAt = this.#clock.now();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function neverSeen(node: NodeId): FlashfleetError {
  return new FlashfleetError("node_unreachable", `cannot reach ${node}: no agent of that name is connected`, {
    hint: "flashfleet nodes lists those that are; start the agent there, or name the node in flashfleet_node",
  });
}
