import type { Clock, Deadline } from "../clock.ts";
import { FlashfleetError } from "../errors.ts";
import type { Letter, Line } from "./line.ts";
import { Mailbox } from "./mailbox.ts";
import { nextMove, type Patience, type Waiting } from "./patience.ts";

export interface Topic {
  subject: string;
  /** Asked anew for each sending; undefined: nothing can be sent for now. */
  payload: () => string | undefined;
  /** For errors: "call c1 to n1". */
  what: string;
  deadline: Deadline;
  patience: Patience;
  signal?: AbortSignal | undefined;
}

/** Why a conversation ended without the answer that its reader waited for. */
export class Ended extends Error {
  readonly because: "deadline" | "unreachable";

  constructor(because: "deadline" | "unreachable") {
    super(because);
    this.because = because;
  }
}

/** What the reader says about a message: `later` when the other side is there but does not take it for now. */
export type Verdict = "heard" | "later";

/**
 * Sends a message, again and again, and yields what comes back until the reader has heard enough. The reader's verdict
 * on each message is what it passes to `next`, by default `heard`. Throws {@link Ended}, `bus_lost` when the bus is
 * closed, or the signal's reason.
 */
export async function* converse(
  line: Line,
  clock: Clock,
  topic: Topic,
): AsyncGenerator<Uint8Array, void, Verdict | undefined> {
  const { deadline, signal } = topic;
  const box = new Mailbox<Letter>();
  const stop = () => box.put({ is: "stopped", reason: signal?.reason });
  const reply = line.open(box);
  const waiting: Waiting = {
    deadline,
    connected: line.connected,
    heardAt: clock.now(),
    sentAt: undefined,
    turnedAway: 0,
  };
  let probe: "none" | "asked" | "alive" = "none";
  try {
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop, { once: true });
    if (line.isClosed) throw busClosed(topic);
    while (true) {
      if (box.isEmpty) {
        const move = nextMove(waiting, topic.patience, clock.now());
        if (move.do === "send") {
          send(line, topic, reply, waiting);
          waiting.sentAt = clock.now();
          continue;
        }
        let until = move.do === "wait" ? move.until : deadline;
        if (move.do === "give up") {
          if (move.because === "deadline" || probe === "alive") throw new Ended(move.because);
          // A frozen server, or a process that slept, looks like a silent node: only a server that answers tells them apart.
          if (probe === "none") void line.isAlive().then((alive) => box.put({ is: "probed", alive }));
          probe = "asked";
          until = deadline;
        }
        await box.waitFor(until - clock.now());
        continue;
      }
      const letter = box.take();
      switch (letter?.is) {
        case "message": {
          const verdict = yield letter.data;
          if (verdict === "later") waiting.turnedAway++;
          else hear(waiting, clock);
          probe = "none";
          break;
        }
        case "nobody":
          waiting.turnedAway++;
          break;
        case "connection":
          hear(waiting, clock);
          Object.assign(waiting, { connected: letter.up, sentAt: undefined });
          probe = "none";
          break;
        case "probed":
          if (!letter.alive) hear(waiting, clock);
          probe = letter.alive ? "alive" : "none";
          break;
        case "closed":
          throw busClosed(topic);
        case "stopped":
          throw letter.reason;
        case undefined:
      }
    }
  } finally {
    line.forget(reply);
    signal?.removeEventListener("abort", stop);
  }
}

function hear(waiting: Waiting, clock: Clock): void {
  waiting.heardAt = clock.now();
  waiting.turnedAway = 0;
}

function send(line: Line, { subject, payload }: Topic, reply: string, waiting: Waiting): void {
  const text = payload();
  if (text === undefined) waiting.turnedAway++;
  else line.send(subject, text, reply);
}

function busClosed({ what }: Topic): FlashfleetError {
  return new FlashfleetError("bus_lost", `cannot finish ${what}: the connection to the bus was closed`);
}
