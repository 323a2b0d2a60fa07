import type { Deadline, Millis } from "../clock.ts";

/** How long a conversation waits for what. */
export interface Patience {
  /** Silence after which the message is sent again. */
  resendAfter: Millis;
  /** Without any sign for so long while connected, nobody is there; Infinity: only the deadline ends it. */
  unreachableAfter: Millis;
}

/** What a conversation has seen so far. Times on one monotonic clock. */
export interface Waiting {
  deadline: Deadline;
  connected: boolean;
  /** The last sign of the other side; before one, the start; after a reconnect, that moment. */
  heardAt: Millis;
  /** undefined: not since the last (re)connect. */
  sentAt: Millis | undefined;
  /** Answers in a row that said that nobody listens, or that nobody takes it for now. */
  turnedAway: number;
}

export type NextMove =
  | { do: "send" }
  | { do: "wait"; until: Millis }
  | { do: "give up"; because: "deadline" | "unreachable" };

/** After being turned away: soon, then less often. */
const firstRetry: Millis = 50;

/** What to do now. Pure: the conversation acts on it and asks again at the next event or at `until`. */
export function nextMove(waiting: Waiting, patience: Patience, now: Millis): NextMove {
  const { deadline, connected, heardAt, sentAt, turnedAway } = waiting;
  if (now >= deadline) return { do: "give up", because: "deadline" };
  // What a server that is away hides says nothing about the node behind it.
  if (!connected) return { do: "wait", until: deadline };
  if (sentAt === undefined) return { do: "send" };
  const lostAt = heardAt + patience.unreachableAfter;
  if (now >= lostAt) return { do: "give up", because: "unreachable" };
  const again =
    turnedAway === 0
      ? Math.max(sentAt, heardAt) + patience.resendAfter
      : sentAt + Math.min(patience.resendAfter, firstRetry * 2 ** (turnedAway - 1));
  return now >= again ? { do: "send" } : { do: "wait", until: Math.min(again, lostAt, deadline) };
}
