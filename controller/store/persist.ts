import { JetStreamApiError, JetStreamError } from "@nats-io/jetstream";
import { type Clock, deadlineIn, left, type Millis } from "../../shared/clock.ts";
import { FlashfleetError } from "../../shared/errors.ts";

/** How long one operation of the store may take: a nats-server that restarts is back by then. */
const patience: Millis = 15_000;
/** One request; a lost answer is asked for again. */
export const requestTimeout: Millis = 2_000;

/** JetStream's error codes (server/errors.json of nats-server). */
const codes = { wrongLastSequence: 10071, notFound: 10037 } as const;
const full = [10002, 10023, 10028, 10047, 10077];
/** The server is there and JetStream is not yet. */
const notYet = [10008, 10118, 10074];

export interface Persistence {
  clock: Clock;
  /** Told of each operation that failed for good: `store_failed`. */
  onFailed?: ((error: FlashfleetError) => void) | undefined;
}

/**
 * Does an operation of the store until it has an answer. `attempt` may run again after one whose answer was lost: it
 * has to be safe to repeat. Throws `store_conflict` where something else was written meanwhile, otherwise `store_failed`.
 */
export async function persist<T>(
  { clock, onFailed }: Persistence,
  doing: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = deadlineIn(clock, patience);
  for (let pause: Millis = 50; ; pause = Math.min(pause * 2, 1000)) {
    try {
      return await attempt();
    } catch (cause) {
      if (!mayPass(cause) || left(clock, deadline) < pause) {
        const error = storeError(doing, cause);
        if (error.code === "store_failed") onFailed?.(error);
        throw error;
      }
    }
    await clock.sleep(pause);
  }
}

/** Whether a message was asked for that is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === codes.notFound;
}

export function isConflict(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === codes.wrongLastSequence;
}

function mayPass(cause: unknown): boolean {
  // Nobody answers while the server starts; an answer that says so is final.
  if (isNotEnabled(cause)) return !(cause.cause instanceof JetStreamApiError);
  if (cause instanceof JetStreamApiError) return notYet.includes(cause.code);
  // Timeouts, no responders, a connection that is being made again: everything that is no answer of JetStream's.
  return !(
    cause instanceof JetStreamError ||
    cause instanceof FlashfleetError ||
    cause instanceof TypeError ||
    isClosed(cause)
  );
}

/** The client does not export this class of its own. */
function isNotEnabled(cause: unknown): cause is Error {
  return cause instanceof Error && cause.name === "JetStreamNotEnabled";
}

function isClosed(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "ClosedConnectionError";
}

function storeError(doing: string, cause: unknown): FlashfleetError {
  if (cause instanceof FlashfleetError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (isConflict(cause)) {
    return new FlashfleetError("store_conflict", `cannot ${doing}: something else was written there meanwhile`, {
      cause,
    });
  }
  return new FlashfleetError("store_failed", `cannot ${doing}: ${reason}`, { cause, hint: hintFor(cause) });
}

function hintFor(cause: unknown): string {
  if (cause instanceof JetStreamApiError && full.includes(cause.code)) {
    return "the disk below nats-server's store directory, or its quota, is full: make room";
  }
  if (isNotEnabled(cause)) {
    return "nats-server runs without JetStream: it was started without -js, or its disk is full (its log says which)";
  }
  return "check that nats-server runs and that the disk of its store directory has room; its log says more";
}
