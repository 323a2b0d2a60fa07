import { connect, errors, type NatsConnection } from "@nats-io/transport-node";
import type { Clock, Millis } from "../clock.ts";
import { FlashfleetError } from "../errors.ts";
import { inboxOf, type Principal } from "../protocol/subjects.ts";
import type { Secret } from "../secret.ts";

export type { NatsConnection } from "@nats-io/transport-node";

export interface ConnectionOptions {
  /** nats://host:port, or several separated by commas. */
  url: string;
  token?: Secret | undefined;
  /** Shown by the server's monitoring. */
  name: string;
  principal: Principal;
  clock: Clock;
  /** From 0 to 1, for jitter. */
  random: () => number;
  /** Keep trying until the server is there; otherwise the first failure is thrown. A refusal is always thrown. */
  waitOnFirstConnect?: boolean | undefined;
  /** Told about each first attempt that failed, when more follow. */
  onWaiting?: ((error: FlashfleetError) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const slowestRetry: Millis = 2000;

/** The pause before an attempt: grows to two seconds, and differs from node to node, so that a fleet does not come back at once. */
export function reconnectDelay(attempt: number, random: () => number): Millis {
  const most = Math.min(slowestRetry, 250 * 2 ** Math.min(attempt, 10));
  return Math.round(most / 2 + (most / 2) * random());
}

/** A connection, and the prefix of its own inboxes. */
export interface Connected {
  connection: NatsConnection;
  inbox: string;
}

/**
 * Connects and stays connected: after a loss it tries for ever. Throws `bus_auth` where the server refuses us,
 * `bus_lost` where it is not there and nobody wants to wait, or the signal's reason.
 */
export async function connectBus(options: ConnectionOptions): Promise<Connected> {
  const { clock, random, signal, waitOnFirstConnect = false, onWaiting } = options;
  // Two processes of one principal must not read each other's replies.
  const inbox = `${inboxOf(options.principal)}.${crypto.randomUUID()}`;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return { connection: await connectOnce(options, inbox), inbox };
    } catch (cause) {
      const error = connectError(options.url, cause);
      if (error.code === "bus_auth" || !waitOnFirstConnect) throw error;
      onWaiting?.(error);
    }
    await clock.sleep(reconnectDelay(attempt, random), signal);
  }
}

async function connectOnce(
  { url, token, name, random }: ConnectionOptions,
  inboxPrefix: string,
): Promise<NatsConnection> {
  let attempt = 0;
  const connection = await connect({
    servers: url.split(",").map((server) => server.trim()),
    name,
    inboxPrefix,
    ...(token === undefined ? {} : { token: token.reveal() }),
    timeout: 5000,
    // Notices a frozen server in four seconds.
    pingInterval: 2000,
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    // A server that refuses us today may have been given our identity by tomorrow.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => reconnectDelay(attempt++, random),
  });
  void (async () => {
    for await (const { type } of connection.status()) if (type === "reconnect") attempt = 0;
  })();
  return connection;
}

/** Whether the server let us in no more, or never. */
export function isRefusal(error: unknown): boolean {
  return error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;
}

/** A failure to connect as an error for people. */
export function connectError(url: string, cause: unknown): FlashfleetError {
  const server = withoutUserInfo(url);
  if (isRefusal(cause)) {
    return new FlashfleetError("bus_auth", `cannot connect to nats-server at ${server}: it refuses these credentials`, {
      cause,
      hint: "give the token that the controller's nats-server was started with",
    });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FlashfleetError("bus_lost", `cannot connect to nats-server at ${server}: ${reason}`, {
    cause,
    hint: "check the address and that nats-server runs there",
  });
}

function withoutUserInfo(url: string): string {
  return url.replaceAll(/\/\/[^/@,]*@/g, "//");
}
