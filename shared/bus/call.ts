import type { Clock, Deadline } from "../clock.ts";
import { FlashfleetError, fromErrorData } from "../errors.ts";
import type { Order } from "../protocol/order.ts";
import { type Done, Reply } from "../protocol/reply.ts";
import { subjects } from "../protocol/subjects.ts";
import type { LastingOrder } from "./bus.ts";
import { check, decode } from "./codec.ts";
import { converse, Ended, type Verdict } from "./conversation.ts";
import type { Line } from "./line.ts";
import { asFlashfleetError } from "./messages.ts";
import type { Patience } from "./patience.ts";

interface Call {
  line: Line;
  clock: Clock;
  patience: Patience;
  order: Order | LastingOrder;
  deadline: Deadline;
  signal: AbortSignal | undefined;
  onBad: (subject: string, error: FlashfleetError) => void;
}

/** One call, as `Bus.call` promises it: the repetitions that sending again makes are taken out here. */
export async function* call({ line, clock, patience, order, deadline, signal, onBad }: Call): AsyncGenerator<Reply> {
  const { to, id } = order;
  const what = `call ${id} to ${to}`;
  const payload = payloadOf(order);
  let accepted = false;
  let progress = 0;
  /** The refusal of an order whose session is over: final only when no later one is taken. */
  let stale: Done | undefined;
  let verdict: Verdict | undefined;
  const messages = converse(line, clock, { subject: subjects.call(to), payload, what, deadline, patience, signal });
  try {
    for (let next = await messages.next(); !next.done; next = await messages.next(verdict)) {
      verdict = "heard";
      const reply = readReply(next.value, order, what, onBad);
      if (reply?.is === "accepted" && !accepted) {
        accepted = true;
        yield reply;
      } else if (reply?.is === "progress" && reply.seq > progress) {
        progress = reply.seq;
        yield reply;
      } else if (reply?.is === "done") {
        if (!("sign" in order) || reply.error?.code !== "stale_order") return yield reply;
        stale = reply;
        verdict = "later";
      }
    }
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    if (error.because === "unreachable" && stale !== undefined) return yield stale;
    throw error.because === "unreachable" ? unreachable(to, what) : late(what, line, stale);
  } finally {
    await messages.return();
  }
}

function payloadOf(order: Order | LastingOrder): () => string | undefined {
  if ("sign" in order) {
    return () => {
      const signed = order.sign();
      return signed === undefined ? undefined : JSON.stringify(signed);
    };
  }
  const text = JSON.stringify(order);
  return () => text;
}

function readReply(
  data: Uint8Array,
  { to, id }: Order | LastingOrder,
  what: string,
  onBad: Call["onBad"],
): Reply | undefined {
  try {
    const reply = check(Reply, decode(data, `a reply to ${what}`), `a reply to ${what}`);
    if (reply.id === id) return reply;
    throw new FlashfleetError("bad_message", `cannot take a reply to ${what}: it answers call ${reply.id}`);
  } catch (error) {
    onBad(subjects.call(to), asFlashfleetError(error));
    return undefined;
  }
}

function unreachable(to: string, what: string): FlashfleetError {
  return new FlashfleetError("node_unreachable", `cannot finish ${what}: ${to} gives no answer`, {
    hint: `check that flashfleet-agent runs on ${to} and reaches nats-server`,
  });
}

function late(what: string, line: Line, stale: Done | undefined): FlashfleetError {
  return new FlashfleetError("deadline", `cannot finish ${what}: its deadline has passed`, {
    ...(line.connected ? {} : { hint: "the controller has no connection to nats-server: check that it runs" }),
    cause: stale?.error === undefined ? undefined : fromErrorData(stale.error),
  });
}
