import type { Deadline } from "../clock.ts";
import type { FlashfleetError } from "../errors.ts";
import type { Answer, Question } from "../protocol/ask.ts";
import type { Heartbeat } from "../protocol/heartbeat.ts";
import type { CallId, NodeId } from "../protocol/ids.ts";
import type { Json } from "../protocol/json.ts";
import type { Order } from "../protocol/order.ts";
import type { Reply } from "../protocol/reply.ts";
import type { AskKind } from "../protocol/subjects.ts";

/** What becomes of the connection. `refused` and `disconnected` are followed by more attempts, for ever. */
export type BusStatus =
  | { is: "connected" }
  | { is: "disconnected" }
  | { is: "reconnected" }
  /** The server is there and does not let us in: `bus_auth`. */
  | { is: "refused"; error: FlashfleetError }
  | { is: "closed" };

/**
 * An order that is signed anew for each sending, so that it outlives its session: same id, same body, the session and
 * MAC of the moment. `sign` gives undefined while the node has no session; it is asked again shortly. An order that the
 * node refuses as `stale_order` is sent again until the node takes it or counts as unreachable.
 */
export interface LastingOrder {
  to: NodeId;
  id: CallId;
  sign: () => Order | undefined;
}

/**
 * Answers an order. Called again with the same id when the order comes again: whoever serves keeps a journal.
 * `wire` is the order as it came, with the fields that this version does not know: it is what the MAC covers.
 * An error that is thrown becomes a `done` with outcome `failed`.
 */
export type Serve = (order: Order, wire: Json) => AsyncIterable<Reply>;

/** Whatever is told about messages that could not be understood; they are dropped after that. */
export type OnBadMessage = (problem: { subject: string; error: FlashfleetError }) => void;

/** Messages between controllers and agents. Core NATS only: what must arrive is acknowledged, the rest may be lost. */
export interface Bus {
  /**
   * Sends an order to the node that it names and gives its replies: `accepted` at most once, `progress` in order and
   * without repetition, then `done`, the last. Sends it again, under the same id, after silence and after every
   * reconnect. Throws `node_unreachable` when the node gave no sign for the bus's `unreachableAfter` while the bus was
   * connected; `deadline` when there is no `done` at the deadline (of this process's clock). Leaving the loop early
   * stops listening; the node goes on. So does the signal: the loop then throws its reason.
   */
  call(order: Order | LastingOrder, deadline: Deadline, signal?: AbortSignal): AsyncIterable<Reply>;

  /** Answers orders for this node until disposed; what is being answered then goes on. */
  serve(node: NodeId, answer: Serve): Disposable;

  /**
   * Asks the controller, again after silence, until there is an answer. Throws `controller_unreachable` when there is
   * none at the deadline, or the error that the controller answered with.
   */
  ask<K extends AskKind>(kind: K, question: Question<K>, deadline: Deadline): Promise<Answer<K>>;

  /** Answers the nodes' questions of one kind until disposed; may be called twice for one question. */
  answer<K extends AskKind>(kind: K, handler: (question: Question<K>) => Promise<Answer<K>>): Disposable;

  /** Unacknowledged; dropped while disconnected. */
  publish(heartbeat: Heartbeat): void;

  /** Every node's heartbeats until disposed. */
  onHeartbeat(handler: (heartbeat: Heartbeat) => void): Disposable;

  /** Changes of the connection until disposed; begins with the present state. */
  onStatus(handler: (status: BusStatus) => void): Disposable;

  /** Ends the connection, after what was published went out. Calls that wait throw `bus_lost`. */
  close(): Promise<void>;
}
