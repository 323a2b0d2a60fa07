import type { NatsConnection } from "@nats-io/transport-node";

interface Waiting {
  subject: string;
  payload: string;
  reply: string | undefined;
}

/**
 * What a connection publishes, gathered until the event loop has come round: a write to the socket for each message would
 * cost more than all else that a message costs.
 */
export class Outbox {
  readonly #connection: NatsConnection;
  #waiting: Waiting[] = [];

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** What is published when the connection is closed is lost, as it would be on the way. */
  publish(subject: string, payload: string, reply?: string): void {
    if (this.#waiting.push({ subject, payload, reply }) === 1) setImmediate(() => this.flush());
  }

  /** Now, instead of in a moment. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { subject, payload, reply } of waiting) {
      if (this.#connection.isClosed() || this.#connection.isDraining()) return;
      this.#connection.publish(subject, payload, reply === undefined ? {} : { reply });
    }
  }
}
