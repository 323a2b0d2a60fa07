import type { NatsConnection } from "@nats-io/transport-node";
import { FlashfleetError } from "../errors.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Outbox } from "./outbox.ts";

/** What happens to a conversation from outside. */
export type Letter =
  | { is: "message"; data: Uint8Array }
  /** The server says that nobody listens on the subject. */
  | { is: "nobody" }
  | { is: "connection"; up: boolean }
  /** The server has answered a probe, or could not. */
  | { is: "probed"; alive: boolean }
  | { is: "closed" }
  | { is: "stopped"; reason: unknown };

/**
 * The one inbox subscription of a connection, with a letter box for each conversation: ten thousand of them are one
 * subscription on the server.
 */
export class Line {
  readonly #connection: NatsConnection;
  readonly #outbox: Outbox;
  readonly #inbox: string;
  readonly #boxes = new Map<string, Mailbox<Letter>>();
  #count = 0;
  #alive: Promise<boolean> | undefined;
  connected = true;

  constructor(connection: NatsConnection, outbox: Outbox, inbox: string) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#inbox = `${inbox}.`;
    connection.subscribe(`${this.#inbox}*`, {
      callback: (error, message) => {
        if (error !== null) return;
        const box = this.#boxes.get(message.subject.slice(this.#inbox.length));
        const nobody = message.data.length === 0 && message.headers?.code === 503;
        box?.put(nobody ? { is: "nobody" } : { is: "message", data: message.data });
      },
    });
  }

  /** A fresh reply subject; what comes to it goes into the box until `forget`. */
  open(box: Mailbox<Letter>): string {
    const name = (++this.#count).toString(36);
    this.#boxes.set(name, box);
    return `${this.#inbox}${name}`;
  }

  forget(reply: string): void {
    this.#boxes.delete(reply.slice(this.#inbox.length));
  }

  /** Dropped while disconnected. Throws `bad_message` for what is larger than the server takes. */
  send(subject: string, payload: string, reply: string): void {
    const limit = this.#connection.info?.max_payload;
    if (limit !== undefined && payload.length > limit / 3 && Buffer.byteLength(payload) > limit) {
      throw new FlashfleetError("bad_message", `cannot send on ${subject}: the message is larger than ${limit} bytes`, {
        hint: "send less at once, or raise max_payload of nats-server",
      });
    }
    this.#outbox.publish(subject, payload, reply);
  }

  /** Tells every conversation. */
  tell(letter: Letter): void {
    if (letter.is === "connection") this.connected = letter.up;
    for (const box of this.#boxes.values()) box.put(letter);
  }

  /** Whether the server answers: then everything that it had for us before is in the boxes. Shared by all who ask. */
  isAlive(): Promise<boolean> {
    this.#alive ??= this.#connection
      .flush()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.#alive = undefined;
      });
    return this.#alive;
  }

  get isClosed(): boolean {
    return this.#connection.isClosed();
  }
}
