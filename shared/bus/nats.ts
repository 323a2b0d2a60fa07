import type { Msg, NatsConnection, Status } from "@nats-io/transport-node";
import type { Deadline, Millis } from "../clock.ts";
import { FlashfleetError, fromErrorData, toErrorData } from "../errors.ts";
import { type Answer, Answered, type Question } from "../protocol/ask.ts";
import { Heartbeat } from "../protocol/heartbeat.ts";
import type { NodeId } from "../protocol/ids.ts";
import { Order } from "../protocol/order.ts";
import type { Reply } from "../protocol/reply.ts";
import { type AskKind, controller, nodePrincipal, subjects } from "../protocol/subjects.ts";
import type { Bus, BusStatus, LastingOrder, OnBadMessage, Serve } from "./bus.ts";
import { call } from "./call.ts";
import { check, decode } from "./codec.ts";
import { type ConnectionOptions, connectBus, connectError, isRefusal } from "./connection.ts";
import { converse, Ended } from "./conversation.ts";
import { Line } from "./line.ts";
import { asFlashfleetError, mustSpeakFor, readAnswer, readQuestion, replyOf, senderOf } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import { serveOrder } from "./serve.ts";

export interface NatsBusOptions extends ConnectionOptions {
  onBadMessage: OnBadMessage;
  /** Silence of a node, while connected, after which a call throws `node_unreachable`. Default 5 seconds. */
  unreachableAfter?: Millis | undefined;
  /** Silence after which a message is sent again. Default 1 second. */
  resendAfter?: Millis | undefined;
}

/** Of a nats-server that was not told otherwise. */
const defaultLimit = 1024 * 1024;

/** Connects to nats-server. Throws as {@link connectBus} does. */
export async function connectNatsBus(options: NatsBusOptions): Promise<NatsBus> {
  const { connection, inbox } = await connectBus(options);
  return new NatsBus(connection, inbox, options);
}

/** The bus over core NATS. */
export class NatsBus implements Bus {
  /** For the controller's store, which keeps its streams over the same connection. */
  readonly connection: NatsConnection;
  readonly #options: NatsBusOptions;
  readonly #outbox: Outbox;
  readonly #line: Line;
  readonly #watchers = new Set<(status: BusStatus) => void>();
  #status: BusStatus = { is: "connected" };

  constructor(connection: NatsConnection, inbox: string, options: NatsBusOptions) {
    this.connection = connection;
    this.#options = options;
    this.#outbox = new Outbox(connection);
    this.#line = new Line(connection, this.#outbox, inbox);
    void this.#watch();
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) this.#note(status);
    this.#change({ is: "closed" });
    this.#line.tell({ is: "closed" });
  }

  #note(status: Status): void {
    switch (status.type) {
      case "disconnect":
        // Each attempt that fails says so again.
        if (!this.#line.connected) return;
        this.#line.tell({ is: "connection", up: false });
        this.#change({ is: "disconnected" });
        return;
      case "reconnect":
        this.#line.tell({ is: "connection", up: true });
        this.#change({ is: "reconnected" });
        return;
      case "error":
        if (isRefusal(status.error))
          this.#change({ is: "refused", error: connectError(this.#options.url, status.error) });
        else
          this.#report(
            status.error.message,
            new FlashfleetError("bus_auth", `refused by nats-server: ${status.error.message}`),
          );
        return;
      default:
    }
  }

  #change(status: BusStatus): void {
    this.#status = status;
    for (const watcher of this.#watchers) watcher(status);
  }

  call(order: Order | LastingOrder, deadline: Deadline, signal?: AbortSignal): AsyncIterable<Reply> {
    const { clock, resendAfter = 1000, unreachableAfter = 5000 } = this.#options;
    const patience = { resendAfter, unreachableAfter };
    return call({ line: this.#line, clock, patience, order, deadline, signal, onBad: this.#report });
  }

  serve(node: NodeId, answer: Serve): Disposable {
    return this.#subscribe(subjects.call(node), (message) => {
      const reply = replyOf(message, controller);
      const wire = decode(message.data, `an order to ${node}`);
      const order = check(Order, wire, `an order to ${node}`);
      if (order.to !== node)
        throw new FlashfleetError("bad_message", `cannot take an order for ${order.to}: this is ${node}`);
      const limit = this.connection.info?.max_payload ?? defaultLimit;
      return serveOrder(answer, order, wire, { limit, publish: (text) => this.#outbox.publish(reply, text) });
    });
  }

  async ask<K extends AskKind>(kind: K, question: Question<K>, deadline: Deadline): Promise<Answer<K>> {
    const { clock, resendAfter = 1000 } = this.#options;
    const text = JSON.stringify(question);
    const what = `${kind} of ${question.node}`;
    const messages = converse(this.#line, clock, {
      subject: subjects.ask(question.node, kind),
      payload: () => text,
      what,
      deadline,
      patience: { resendAfter, unreachableAfter: Number.POSITIVE_INFINITY },
    });
    try {
      for await (const data of messages) {
        const answered = this.#understand(what, () =>
          check(Answered, decode(data, `the answer to ${what}`), `the answer to ${what}`),
        );
        if (answered?.is === "error") throw fromErrorData(answered.error);
        const answer = answered && this.#understand(what, () => readAnswer(kind, answered.answer));
        if (answer !== undefined) return answer;
      }
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
    throw new FlashfleetError(
      "controller_unreachable",
      `cannot tell the controller the ${what}: it gave no answer in time`,
      {
        hint: "check that the controller runs and is connected to the same nats-server",
      },
    );
  }

  answer<K extends AskKind>(kind: K, handler: (question: Question<K>) => Promise<Answer<K>>): Disposable {
    return this.#subscribe(subjects.everyAsk(kind), async (message) => {
      const node = senderOf(message);
      const reply = replyOf(message, nodePrincipal(node));
      const question = readQuestion(kind, decode(message.data, `${kind} of ${node}`), node);
      const answered: Answered = await handler(question).then(
        (answer) => ({ v: 1, is: "answer", answer }),
        (error: unknown) => ({ v: 1, is: "error", error: toErrorData(error) }),
      );
      this.#outbox.publish(reply, JSON.stringify(answered));
    });
  }

  publish(heartbeat: Heartbeat): void {
    if (this.#line.connected && !this.#line.isClosed) {
      this.connection.publish(subjects.heartbeat(heartbeat.node), JSON.stringify(heartbeat));
    }
  }

  onHeartbeat(handler: (heartbeat: Heartbeat) => void): Disposable {
    return this.#subscribe(subjects.everyHeartbeat, (message) => {
      const node = senderOf(message);
      const heartbeat = check(Heartbeat, decode(message.data, `a heartbeat of ${node}`), `a heartbeat of ${node}`);
      mustSpeakFor(node, heartbeat.node);
      handler(heartbeat);
    });
  }

  onStatus(handler: (status: BusStatus) => void): Disposable {
    this.#watchers.add(handler);
    handler(this.#status);
    return { [Symbol.dispose]: () => void this.#watchers.delete(handler) };
  }

  async close(): Promise<void> {
    if (this.connection.isClosed()) return;
    this.#outbox.flush();
    // Without a server there is nothing that could be drained.
    if (this.#line.connected) await this.connection.drain().catch(() => this.connection.close());
    else await this.connection.close();
  }

  readonly #report = (subject: string, error: FlashfleetError): void => this.#options.onBadMessage({ subject, error });

  /** Hears a subject. What the handler throws is a bad message and nothing more. */
  #subscribe(subject: string, hear: (message: Msg) => void | Promise<void>): Disposable {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => {
        const bad = (cause: unknown) =>
          this.#report(error === null ? message.subject : subject, asFlashfleetError(cause));
        if (error !== null) return bad(error);
        try {
          hear(message)?.catch(bad);
        } catch (cause) {
          bad(cause);
        }
      },
    });
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  }

  #understand<T>(subject: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#report(subject, asFlashfleetError(error));
      return undefined;
    }
  }
}
